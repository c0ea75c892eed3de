import type { ProtocolName } from '../control/message.ts';
import type { Conversation } from './conversation.ts';
import { PostgresConversation } from './postgres/conversation.ts';

/** Every protocol that the proxy understands, one folder each. What follows a connection of it; plain bytes have none. */
export const protocols: Record<ProtocolName, () => Conversation | undefined> = {
  tcp: () => undefined,
  postgres: () => new PostgresConversation(),
  http: () => undefined, // not only listened to: its gates stand in the connection
};
