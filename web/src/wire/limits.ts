/** How many lines of a log are asked for at once. */
export const LINES_PER_PAGE = 1000;
