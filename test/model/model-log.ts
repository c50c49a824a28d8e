import type { EventEnvelope, EventType, Topic } from '#libs/contracts';
import { topicOf, uuidv7 } from '#libs/contracts';

/** An event of the model: an envelope with as much payload as the domain looks at. */
export type ModelEvent = Pick<EventEnvelope, 'eventId' | 'seq'> & { readonly type: EventType };

/** A consumer's place in a topic, and what its inbox has seen. */
export class Reader {
  private offset = 0;
  private readonly inbox = new Set<string>();

  constructor(
    private readonly log: ModelLog,
    private readonly topic: Topic,
    private readonly remembers: boolean,
  ) {}

  get isDone(): boolean {
    return this.offset >= this.log.of(this.topic).length;
  }

  /**
   * Hands the next event over. `loses` forgets the move of the offset (a crash after the effect, before the commit of the
   * offset), so that it comes again; a handler that throws leaves everything as it was.
   */
  step(handle: (event: ModelEvent) => void, loses: boolean): void {
    const event = this.log.of(this.topic)[this.offset];
    if (!event) return;
    if (!this.remembers || !this.inbox.has(event.eventId)) {
      handle(event);
      this.inbox.add(event.eventId);
    }
    if (!loses) this.offset += 1;
  }

  /** A new owner of the lane goes back to an older committed offset. */
  rewind(events: number): void {
    this.offset = Math.max(0, this.offset - events);
  }
}

/** All topics. What is in the outbox is published for certain, perhaps twice: the relay crashes between publish and mark. */
export class ModelLog {
  private readonly topics = new Map<Topic, ModelEvent[]>();

  of(topic: Topic): readonly ModelEvent[] {
    return this.topics.get(topic) ?? [];
  }

  publish(type: EventType, seq: number, doubled: boolean): void {
    const event: ModelEvent = { eventId: uuidv7(), type, seq };
    const topic = topicOf(type);
    const log = this.topics.get(topic) ?? [];
    log.push(event, ...(doubled ? [event] : []));
    this.topics.set(topic, log);
  }
}
