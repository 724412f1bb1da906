/**
 * What copies of this package in one process have to agree on, so that decorators and guards of one find the session that
 * another has put on a request: raised when that changes. Package managers install several copies where versions differ.
 */
export const PROTOCOL = 1;
