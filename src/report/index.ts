/* Tables, rows for charts, and sentences that are made from numbers. */

export { shortNumber } from "./charts/values.ts";
export { choiceRows, choicesRows, edgeSentence } from "./choices.ts";
export { display, type MimeBundle } from "./display.ts";
export { estimateCell, estimatesText } from "./estimate-text.ts";
export { findingsText } from "./findings-text.ts";
export { headroomSentence } from "./headroom.ts";
export { escapeMarkdown, type Markdown, markdown, markdownTable } from "./markdown.ts";
export { measuredRows, measuredValues, ofArms, planePoints, scorerPoints } from "./measured.ts";
export { originSentence, provenanceRows } from "./origin.ts";
export { pairRows, widthSentence } from "./pairs-text.ts";
export { estimatedPoints, measuredPoints } from "./points.ts";
export { type Published, readPublished } from "./published.ts";
export { armRows, registrationText } from "./registration-text.ts";
export {
  armSummaries,
  bestOfNValues,
  curveValues,
  differences,
  frontierValues,
  sharpnessValues,
  winRateValues,
} from "./results.ts";
export { ofScorers, scorerRows } from "./scorers.ts";
export { type ArmSummary, differencesTable, publishedTable, resultsTable, rowsTable } from "./tables.ts";
