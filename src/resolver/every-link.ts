/** A fault under this name is in force on every link of a resolver: it is meant for the whole host. */
export const everyLink = '*';
