import type { User } from "./types";

export const mk = (name: string): User => ({ name });
