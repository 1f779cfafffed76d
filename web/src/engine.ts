// The worker as the page sees it: one order at a time; it can be ended, and begins anew with the next order.

import type { Answer, Order } from './messages';

export class Cancelled extends Error {}
/** The worker ended in the middle of an order. */
export class BrokeOff extends Error {}

type Result = Extract<Answer, { kind: 'done' | 'picture' }>;

export class Engine {
  /** Where a thread of the worker that breaks off says so: the worker itself may be waiting for it. */
  private readonly channel = new BroadcastChannel(`visard-${crypto.randomUUID()}`);
  private worker: Worker;
  private settle: { resolve: (result: Result) => void; reject: (error: Error) => void } | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  /** `listen` is told how far the fetching of the engine and the order in work are. */
  constructor(private readonly listen: (answer: Answer) => void) {
    this.worker = this.start();
    this.channel.onmessage = () => this.restart(new BrokeOff());
  }

  /** Gives an order, after those that were given before. */
  ask(order: Order): Promise<Result> {
    const answer = this.queue.then(() => this.give(order));
    this.queue = answer.catch(() => {});
    return answer;
  }

  /** Breaks off the order in work. */
  cancel(): void {
    this.restart(new Cancelled());
  }

  private give(order: Order): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.worker.postMessage(order, [order.photo.buffer]);
    });
  }

  private start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: this.channel.name });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.hear(data);
    worker.onerror = () => this.restart(new BrokeOff());
    return worker;
  }

  private hear(answer: Answer): void {
    if (answer.kind === 'done' || answer.kind === 'picture') this.settle?.resolve(answer);
    else if (answer.kind === 'failed' || answer.kind === 'unreachable') {
      this.settle?.reject(new Error(answer.reason));
    }
    if (answer.kind === 'broken') this.restart(new BrokeOff());
    else this.listen(answer);
  }

  private restart(error: Error): void {
    this.worker.terminate();
    this.settle?.reject(error);
    this.settle = undefined;
    this.worker = this.start();
  }
}
