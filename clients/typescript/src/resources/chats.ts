import { type AllOptions, rowsOf } from "../lists.js";
import type { CallOptions, CommandOptions } from "../options.js";
import { idOf } from "../references.js";
import type { Transport } from "../transport.js";
import type { Chat, ChatMessage, ChatsPage, MessagesPage, NewMessage, Part, Reference } from "../types.js";

/** What the two sides of an order write to each other. For everybody but administrators. */
export class Chats {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** A part of one's chats, the one in which something was last said first, and what is unread in all of them. */
  async list(query: Part = {}, options?: CallOptions): Promise<ChatsPage> {
    return (await this.#transport.get("/api/v1/chats", { query }, options)).data;
  }

  /** All of one's chats, the one in which something was last said first. */
  all(options?: AllOptions): AsyncGenerator<Chat, void, undefined> {
    return rowsOf((part, call) => this.list(part, call), (found) => found.chats, options);
  }

  /**
   * The chat about an order with somebody: for a client with a bidder, for a provider with the order's client. It is
   * made, if there is none.
   *
   * @throws {@link ConflictError} with the reason `chat_not_opened` for a provider to whom the client has not opened
   *   the way yet
   */
  async open(order: Reference, participant: Reference, options?: CommandOptions): Promise<Chat> {
    const body = { order_id: idOf(order), participant_id: idOf(participant) };
    return (await this.#transport.command("post", "/api/v1/chats", { body }, options)).data.chat;
  }

  /** A part of what was said in a chat, newest first. Looking marks nothing as read. */
  async messages(chat: Reference, query: Part = {}, options?: CallOptions): Promise<MessagesPage> {
    const call = { path: { chat_id: idOf(chat) }, query };
    return (await this.#transport.get("/api/v1/chats/{chat_id}/messages", call, options)).data;
  }

  /** All that was said in a chat, newest first. */
  allMessages(chat: Reference, options?: AllOptions): AsyncGenerator<ChatMessage, void, undefined> {
    return rowsOf((part, call) => this.messages(chat, part, call), (found) => found.messages, options);
  }

  /** Says something: a text, or a text with uploaded files. */
  async send(chat: Reference, message: string | NewMessage, options?: CommandOptions): Promise<ChatMessage> {
    const { attachments, ...said } = typeof message === "string" ? { content: message } : message;
    const body = attachments === undefined ? said : { ...said, attachments: attachments.map(idOf) };
    const call = { path: { chat_id: idOf(chat) }, body };
    return (await this.#transport.command("post", "/api/v1/chats/{chat_id}/messages", call, options)).data.message;
  }

  /** Marks everything up to a message as read, or all that there is. */
  async read(chat: Reference, upTo?: Reference, options?: CommandOptions): Promise<Chat> {
    const body = upTo === undefined ? {} : { up_to: idOf(upTo) };
    const call = { path: { chat_id: idOf(chat) }, body };
    return (await this.#transport.command("post", "/api/v1/chats/{chat_id}/read", call, options)).data.chat;
  }
}
