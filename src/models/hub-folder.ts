/**
 * The folder of this machine that holds the files of a model of the Hugging Face hub at a revision, a branch, a tag or a
 * commit. Throws if they are not here.
 */
export async function hubFolder(name: string, revision = "main"): Promise<string> {
  throw new Error(
    `The model ${name} at ${revision} is not on this machine: download its config.json, tokenizer.json and safetensors ` +
      "files, and give their folder.",
  );
}
