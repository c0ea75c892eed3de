/** The keys that name what a target is. */
export const targetKinds = ['process', 'running', 'proxy', 'host', 'network', 'directory'] as const;
/** The keys that name what a step does. */
export const stepKinds = ['inject', 'await', 'assert', 'run', 'pause', 'parallel', 'sequence'] as const;
