import { BadRequestException } from '@nestjs/common';
import { readObject, readText } from '../input.js';

const MIN_LENGTH = 8;

/** How long it is, and nothing else: rules about its characters make passwords worse (NIST SP 800-63B). */
export function readNewPassword(body: unknown): string {
  const password = readText(readObject(body), 'newPassword');
  // People count characters, a string counts the halves of some of them.
  if ([...password].length >= MIN_LENGTH) return password;
  throw new BadRequestException(`"newPassword" must have at least ${MIN_LENGTH} characters.`);
}

export function readCurrentPassword(body: unknown): string {
  return readText(readObject(body), 'password');
}
