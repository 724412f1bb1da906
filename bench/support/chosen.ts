interface Named {
  readonly name: string;
}

/** @returns those of the names that were given; all when none was. @throws {Error} for a name that is not among them. */
export function chosenOf<One extends Named>(all: readonly One[], given: readonly string[]): One[] {
  const unknown = given.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0) {
    const names = all.map(({ name }) => name).join(' ');
    throw new Error(`${unknown.join(' and ')} is not known here: choose of ${names}.`);
  }
  return all.filter(({ name }) => given.length === 0 || given.includes(name));
}
