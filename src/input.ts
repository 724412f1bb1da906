import { BadRequestException } from '@nestjs/common';

export type Input = Record<string, unknown>;

/** A body may be anything that JSON can say, or nothing at all. */
export function readObject(body: unknown): Input {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Input;
  throw new BadRequestException('The body must be a JSON object.');
}

export function readText(input: Input, field: string, maxLength = 200): string {
  const value = input[field];
  if (typeof value !== 'string' || value === '') {
    throw new BadRequestException(`"${field}" must be a text that is not empty.`);
  }
  if (value.length > maxLength) {
    throw new BadRequestException(`"${field}" must have at most ${maxLength} characters.`);
  }
  return value;
}

export function readWholeNumber(input: Input, field: string, min: number, max: number): number {
  const value = input[field];
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw new BadRequestException(`"${field}" must be a whole number from ${min} to ${max}.`);
}

export function readChoice<T extends string>(
  input: Input,
  field: string,
  choices: readonly T[],
): T {
  const choice = choices.find((candidate) => candidate === input[field]);
  if (choice !== undefined) return choice;
  throw new BadRequestException(`"${field}" must be one of: ${choices.join(', ')}.`);
}

export function readFlag(input: Input, field: string): boolean {
  const value = input[field] ?? false;
  if (typeof value === 'boolean') return value;
  throw new BadRequestException(`"${field}" must be true or false.`);
}
