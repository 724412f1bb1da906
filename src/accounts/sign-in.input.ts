import { readFlag, readObject, readText } from '../input.js';

export interface SignInInput {
  readonly username: string;
  readonly password: string;
  readonly remember: boolean;
}

export function readSignIn(body: unknown): SignInInput {
  const input = readObject(body);
  return {
    username: readText(input, 'username'),
    password: readText(input, 'password'),
    remember: readFlag(input, 'remember'),
  };
}
