/** What a piece of work can say of itself that the kernel does not know. */
export type Report = () => Promise<Record<string, number>>;
