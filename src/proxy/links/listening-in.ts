import type { Item } from '../flow/item.ts';
import { type Receiver, type Stage, unplaced } from '../flow/stage.ts';
import type { Conversation, Moment } from '../protocols/conversation.ts';

/** Lets a conversation hear what the server says, as soon as it comes, and marks where answers are complete. */
export class HearServer implements Stage {
  next: Receiver = unplaced;
  readonly heldBytes = 0;
  readonly #conversation: Conversation;
  readonly #moment: () => Moment;

  constructor(conversation: Conversation, moment: () => Moment) {
    this.#conversation = conversation;
    this.#moment = moment;
  }

  take(item: Item): void {
    const completions = item.kind === 'bytes' ? this.#conversation.fromServer(item.bytes, this.#moment()) : undefined;
    this.next.take(item.kind === 'bytes' && completions ? { ...item, completions } : item);
  }

  release(): void {}
  drop(): void {}
}
