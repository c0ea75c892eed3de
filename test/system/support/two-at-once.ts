/**
 * Steps in which two faults are in force at once. A command is run under both, `NAME-both`, and under the one that is
 * left, `NAME-left`: the outer one by `nested`, the one that began later by `overlapping`.
 * @param outer, inner, first, second a fault and its settings: `network-delay, target: a`
 */
export const nested = (name: string, outer: string, inner: string, command: string[]): string => `  - parallel:
      - { id: ${name}-outer, inject: ${outer} }
      - after: { step: ${name}-outer, event: started }
        sequence:
          - parallel:
              - { id: ${name}-inner, inject: ${inner} }
              - { id: ${name}-both, after: { step: ${name}-inner, event: started }, run: ${JSON.stringify(command)} }
          - { id: ${name}-left, run: ${JSON.stringify(command)} }
`;

export const overlapping = (name: string, first: string, second: string, command: string[]): string => `  - parallel:
      - sequence:
          - parallel:
              - { id: ${name}-first, inject: ${first} }
              - { id: ${name}-both, after: { step: ${name}-second, event: started }, run: ${JSON.stringify(command)} }
          - { id: ${name}-left, run: ${JSON.stringify(command)} }
      - { id: ${name}-second, after: { step: ${name}-first, event: started }, inject: ${second} }
`;
