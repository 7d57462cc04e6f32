const refuse = () => {
  throw new Error(
    "danfojs-node cannot read from a URL here, since the package request has unfixed security advisories: fetch the file first, then read it by its path.",
  );
};

module.exports = Object.assign(refuse, { get: refuse });
