/** The keys that name what a target is. */
export const targetKinds = ['process', 'running', 'proxy', 'host', 'network', 'directory', 'group'] as const;
/** The keys that name what a step does. */
export const stepKinds = ['inject', 'await', 'assert', 'run', 'pause', 'approve', 'parallel', 'sequence'] as const;
