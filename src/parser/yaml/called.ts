/** How a kind of file is called, and how one begins. */
export interface Called {
  one: string;
  many: string;
  beginning: string;
}

export const aScenario: Called = { one: 'scenario', many: 'scenarios', beginning: 'version: 1' };
