const refuse = () => {
  throw new Error(
    "danfojs-node cannot read or write Excel files here, since the package xlsx has unfixed security advisories in the npm registry: save the table as CSV and use readCSV or toCSV.",
  );
};

module.exports = {
  read: refuse,
  readFile: refuse,
  writeFile: refuse,
  utils: { sheet_to_json: refuse, aoa_to_sheet: refuse, book_new: refuse, book_append_sheet: refuse },
};
