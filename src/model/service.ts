/** A unit of systemd: of the machine, or of the user's own manager. */
export interface Service {
  unit: string;
  user: boolean;
}

/** The manager that is meant; it asks nobody for a password. */
export const managerOf = ({ user }: Service): string[] => [...(user ? ['--user'] : []), '--no-ask-password'];

/** What starts a unit. @see systemctl(1) */
export const startOf = (service: Service): string[] => [
  'systemctl',
  ...managerOf(service),
  'start',
  '--',
  service.unit,
];
