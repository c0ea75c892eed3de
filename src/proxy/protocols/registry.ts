import type { StreamProtocolName } from '../../model/protocol.ts';
import type { Conversation } from './conversation.ts';
import { MysqlConversation } from './mysql/conversation.ts';
import { PostgresConversation } from './postgres/conversation.ts';
import { RedisConversation } from './redis/conversation.ts';

/** Every protocol that the proxy understands, one folder each. What follows a connection of it; plain bytes have none. */
export const protocols: Record<StreamProtocolName, () => Conversation | undefined> = {
  tcp: () => undefined,
  postgres: () => new PostgresConversation(),
  redis: () => new RedisConversation(),
  mysql: () => new MysqlConversation(),
  http2: () => undefined, // a relay stands behind its link
  http: () => undefined, // not only listened to: its gates stand in the connection
};
