/* The entry point of the built package: what index.ts exports, which is also what a user's own code imports. */
import { provideLibrary } from "./files/user-code.ts";
import * as library from "./index.ts";

export * from "./index.ts";

provideLibrary(library);
