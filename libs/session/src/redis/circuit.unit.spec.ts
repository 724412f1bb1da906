import { Circuit } from './circuit.js';

const TIMEOUT_MS = 500;

describe('a circuit', () => {
  const broken = (now = 0) => {
    const circuit = new Circuit(TIMEOUT_MS);
    for (let i = 0; i < 5; i++) circuit.failed(now);
    return circuit;
  };

  it('lets everything through while answers come, and after a failure or a few', () => {
    const circuit = new Circuit(TIMEOUT_MS);
    for (let i = 0; i < 4; i++) circuit.failed(0);
    expect(circuit.mayAsk(0)).toBe(true);
    circuit.answered();
    for (let i = 0; i < 4; i++) circuit.failed(0);
    expect(circuit.mayAsk(0)).toBe(true);
  });

  it('rests after five failures in a row, for 100 to 300 ms', () => {
    for (let i = 0; i < 100; i++) {
      expect(broken().mayAsk(99)).toBe(false);
      expect(broken().mayAsk(301)).toBe(true);
    }
  });

  it('does not rest equally long each time, so that instances come back one by one', () => {
    const times = Array.from({ length: 100 }, () => {
      const circuit = broken();
      let now = 100;
      while (!circuit.mayAsk(now)) now++;
      return now;
    });
    expect(new Set(times).size).toBeGreaterThan(20);
  });

  it('then lets one through, and the others wait for what it finds', () => {
    const circuit = broken();
    expect(circuit.mayAsk(301)).toBe(true);
    expect(circuit.mayAsk(302)).toBe(false);
    circuit.answered();
    expect(circuit.mayAsk(303)).toBe(true);
  });

  it('lets another one through when the first was never heard of again', () => {
    const circuit = broken();
    circuit.mayAsk(301);
    expect(circuit.mayAsk(301 + TIMEOUT_MS)).toBe(false);
    expect(circuit.mayAsk(301 + TIMEOUT_MS + 301)).toBe(true);
  });
});
