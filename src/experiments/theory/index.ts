export * from "./charts.ts";
export * from "./claim-text.ts";
export * from "./sentences.ts";
