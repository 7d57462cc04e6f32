/* What the pages of verdicts show. */
export * from "./cards.ts";
export * from "./chapters.ts";
export * from "./claims.ts";
export * from "./front-page.ts";
export * from "./hypothesis-table.ts";
export * from "./sides.ts";
