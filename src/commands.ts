import type { SlurmOption } from "./cluster/slurm-options.ts";
import type { OptionShape, Program } from "./command-line.ts";
import { presets } from "./results/presets.ts";

/* What `allroads` takes. Read before the library is loaded, so this imports nothing that needs TensorFlow. */

const only = {
  value: "NAME",
  help: "only the experiments of this notebook, given by its name or the start of it, or only\nthis experiment; can be repeated",
};
const seed = { value: "N", number: true, help: "only this seed; can be repeated" };
const preset = { value: "NAME", choices: presets, help: `${presets.join(", ")} (default: laptop)` };

/** Commands that write into the repository, which a project that has installed the package does not have. */
const OF_THE_REPOSITORY = ["ledger", "tune", "simulate", "readme", "seals write", "seals accept"];

const job = { value: "N", number: true, help: "the submission with this job instead of the newest" };
const cpus = { value: "N", help: "cores of a task (default: 1)" };
/** What Slurm is asked for, as in a site's file: see cluster/slurm-options.ts. */
const slurm = {
  partition: { value: "NAME", help: "Slurm's partition" },
  account: { value: "NAME", help: "Slurm's account" },
  gpus: { value: "N", help: "cards of a task, or TYPE:N (default: none)" },
  cpus,
  mem: { value: "SIZE", help: "memory of a task, such as 6G" },
  time: { value: "TIME", help: "time limit of a task, such as 4:00:00" },
  "max-jobs": { value: "N", help: "tasks that run at a time" },
  constraint: { value: "FEATURES", help: "features of the nodes, as sbatch takes them" },
} satisfies Record<SlurmOption, OptionShape>;

/** The command `allroads` in the repository. */
export const ALLROADS: Program = {
  name: "allroads",
  about: "Trains the notebooks' experiments, looks after the run store and writes the ledger.",
  notes:
    "The run store is\nruns/ in the repository, in another project runs/ in the current folder, or the folder in ALLROADS_RUNS.",
  commands: {
    setup: {
      help: "find or install TensorFlow's library; in the repository npm run setup does it",
      options: {
        library: {
          value: "FOLDER",
          help: "use the TensorFlow in this folder, for example the folder tensorflow of a Python\nenvironment's packages",
        },
      },
    },
    train: {
      help: "train and evaluate all registered experiments",
      options: {
        preset,
        only,
        seed,
        on: {
          value: "PLACE",
          help: "slurm: submit an array of jobs, one per seed, instead of training here",
        },
        ...slurm,
        "dry-run": { help: "with --on slurm: only print the script, the number of tasks and the core-hours" },
      },
    },
    ledger: {
      help: "train the laptop preset, then write its records into data/results/laptop",
      options: { only: { ...only, help: `${only.help}; the\nrecords of others stay` }, seed },
    },
    tune: {
      operand: "NAME",
      help: "run what an experiment's settings are chosen from, and write its table into data/tuning",
    },
    simulate: {
      help: "simulate the tests that decide hypotheses, and write what was found into data/simulation",
    },
    readme: { help: "write the ledger's results into README.md" },
    judge: {
      operand: "ARM",
      help: "judge an arm's completions in the run store against their references, by a chat model or a\nscorer",
      options: {
        only: { value: "NAME", help: "the notebook or experiment of the arm" },
        preset,
        seed,
        prompts: {
          value: "N",
          number: true,
          help: "so many prompts of each seed, drawn at random (default: all)",
        },
        scorer: { value: "ID", help: "judge by this scorer of the experiment, or by gold, and send nothing" },
        against: {
          value: "WHAT",
          choices: ["human", "task"],
          help: "human: the human summaries of TL;DR (default where there are some); task: the\nreferences of the task",
        },
        model: { value: "NAME", help: "the chat model (default: gpt-4o)" },
        "base-url": {
          value: "URL",
          help: "the server's address up to /chat/completions (default: OPENAI_BASE_URL, else\nOpenAI's)",
        },
        "key-variable": {
          value: "NAME",
          help: "the environment variable with the server's key (default: OPENAI_API_KEY)",
        },
        prompt: {
          value: "FILE",
          help: "a prompt with {{post}}, {{summarya}} and {{summaryb}} (default: the paper's)",
        },
        order: {
          value: "ORDER",
          choices: ["drawn", "both"],
          help: "which text comes first: drawn at random (default), or both orders in turn",
        },
        parameter: {
          value: "NAME=VALUE",
          help: "a field of the request, such as temperature=0; can be repeated",
        },
        concurrency: { value: "N", number: true, help: "requests at a time (default: 8)" },
        rate: { value: "N", help: "requests in a minute at most" },
        "price-in": { value: "PRICE", help: "the price of a million tokens of messages" },
        "price-out": { value: "PRICE", help: "the price of a million tokens of answers" },
        "max-requests": { value: "N", number: true, help: "requests at most" },
        "max-tokens": { value: "N", number: true, help: "tokens at most" },
        "max-money": { value: "AMOUNT", help: "money at most, by the prices" },
        "dry-run": { help: "only print what it would take" },
      },
    },
    "runs list": { help: "list every finished stage in the run store" },
    "runs show": { operand: "ID", help: "show a stage's definition, provenance and inputs" },
    "runs verify": {
      help: "check every byte in the run store against its digest, and every id against its stage",
    },
    "runs compare": {
      help: "compare the run store's records with the committed ledger, exactly where the platform is\na row's",
      options: { seed },
    },
    "runs repeat": {
      help: "train SFT, the reward model, DPO and Online DPO of one seed of the committed ledger again,\nand compare",
    },
    "runs audit": {
      help: "train rows of the committed ledger again that are drawn at random, and compare",
      options: {
        stages: {
          value: "N",
          number: true,
          help: "how many are drawn (default: 3); their ancestors are compared too",
        },
        seed: { value: "N", number: true, help: "draw the same rows again" },
        store: { value: "FOLDER", help: "the run store to train in (default: a temporary one)" },
      },
    },
    "runs prune": {
      help: "remove what the present code and experiments do not use, and what killed runs left",
      options: { "dry-run": { help: "only list what would be removed" } },
    },
    "jobs status": {
      help: "show how far what was submitted has come, by the run store first and by Slurm second",
      options: { job },
    },
    "jobs logs": { operand: "SEED", help: "show the log of a seed's newest task", options: { job } },
    "jobs cancel": { help: "cancel what waits or computes", options: { job } },
    "jobs retry": { help: "submit again the seeds that lack stages", options: { job, ...slurm } },
    "jobs wait": {
      help: "wait until nothing waits or computes; the exit status is 1 if stages are missing then",
      options: { job },
    },
    "jobs plan": {
      help: "simulate, from the ledger's times, how long the laptop preset takes on 2 to 512 workers",
      options: { only, seed, cpus: { ...cpus, help: "cores of a task (default: 4)" } },
    },
    "seals check": {
      help: "compute every verdict from the ledger and compare it, its rule, code, settings and rows with\nits seal",
      options: { only },
    },
    "seals write": {
      help: "seal the registrations that have no seal",
      options: {
        only,
        reason: { value: "TEXT", help: "seal these again, whose runs were repeated, and log why" },
      },
    },
    "seals accept": {
      help: "seal changed code of measures and verdicts if it gives the same numbers and verdicts",
      options: { reason: { value: "TEXT", help: "what was changed; logged" } },
    },
  },
};

/** The command `allroads` in a project that has installed the package. */
export const ALLROADS_INSTALLED: Program = {
  ...ALLROADS,
  about: "Trains the notebooks' experiments and looks after the run store.",
  commands: Object.fromEntries(
    Object.entries(ALLROADS.commands).filter(([name]) => !OF_THE_REPOSITORY.includes(name)),
  ),
};
