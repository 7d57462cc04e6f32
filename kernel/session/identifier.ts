/** Whether a text is lexically an identifier. Reserved words are not excluded. */
export const isIdentifier = (text: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text);
