/** From an order to a payout. */

import assert from "node:assert/strict";
import { File } from "node:buffer";
import { test } from "node:test";
import {
  ConflictError,
  ForbiddenError,
  NotFoundError,
  PaymentRequiredError,
  PreconditionFailedError,
  UnprocessableEntityError,
  ValidationError,
} from "@guildhall/client";
import { collect, eventually, inDays, login, paper, register, thrownBy } from "./stage.js";

test("from an order to a payout", async () => {
  const { guildhall: client, id: clientId } = await register("Carla Customer", "customer");
  const { guildhall: writer, id: writerId } = await register("Wilma Wordsmith", "freelancer");
  const admin = await login("admin");

  // A client posts an order in two steps, three parts to one, with a brief, and thinks again about its title.
  const posted = await client.orders.post({
    ...paper("On climate"),
    pages: 8,
    detailed_requirements: ["APA citation style"],
    milestones: [
      { title: "Draft", due_date: inDays(4), amount: 150 },
      { title: "Final", due_date: inDays(8), amount: 50 },
    ],
  });
  assert.equal(posted.status, "open");
  const brief = await client.files.upload({ name: "brief.txt", content: "Think of the rain." });
  assert.deepEqual((await client.orders.addFiles(posted, [brief])).files.map(({ id }) => id), [brief.id]);
  const read = await client.orders.get(posted);
  const titled = await client.orders.update(read, { title: "On climate change" });
  assert.equal(titled.title, "On climate change");
  await assert.rejects(client.orders.update(read, { title: "Too late" }), PreconditionFailedError);
  assert.equal((await client.orders.update(titled, { pages: 9 })).pages, 9);

  // A writer finds it, reads the brief and bids; the client asks for a better price and gets it.
  const [offered, ...others] = await collect(writer.availableOrders.all({ search: "climate" }));
  assert.deepEqual([offered?.id, others.length], [posted.id, 0]);
  const [attached] = (await writer.orders.get(posted)).files;
  assert.ok(attached !== undefined);
  assert.equal(await (await writer.files.download(attached)).text(), "Think of the rain.");
  const placed = await writer.bids.place(posted, { bid_amount: 130, message: "I have done this before." });
  assert.equal(placed.order_id, posted.id);
  const { bids } = await client.bids.received(posted);
  assert.deepEqual(bids.map(({ id, writer: { name } }) => [id, name]), [[placed.id, "Wilma Wordsmith"]]);
  assert.equal((await client.bids.counter(placed, { bid_amount: 115.01 })).state, "countered");
  const agreed = await writer.bids.acceptCounter(placed);
  assert.equal(agreed.bid_amount, 115.01);
  assert.deepEqual((await client.bids.offers(placed)).map(({ bid_amount }) => bid_amount).sort(), [115.01, 130]);

  // They talk it over. The counter-offer has opened the chat, with the words of the bid.
  const chat = await client.chats.open(posted, writerId);
  const question = await client.chats.send(chat, "Can you be done by Friday?");
  await writer.chats.send(await writer.chats.open(posted, clientId), { content: "I can.", attachments: [] });
  const said = await collect(writer.chats.allMessages(chat));
  assert.deepEqual(said.map(({ content }) => content), ["I can.", question.content, "I have done this before."]);
  assert.ok((await writer.chats.list()).unread_total > 0);
  assert.equal((await writer.chats.read(chat)).unread_count, 0);

  // What was seen counts: the writer has raised the price meanwhile.
  const version = await writer.bids.get(placed);
  const raised = await writer.bids.update(version, { bid_amount: 120 });
  await assert.rejects(writer.bids.update(version, { message: "Too late" }), PreconditionFailedError);
  const surprise = await thrownBy(client.bids.accept(agreed));
  assert.ok(surprise instanceof ConflictError);
  assert.deepEqual([surprise.reason, surprise.bid?.bid_amount], ["bid_changed", 120]);
  const lowered = await writer.bids.update(raised, { bid_amount: 115.01 });
  const award = await client.bids.accept(lowered);
  assert.equal(award.bid.status, "accepted");
  assert.deepEqual([award.order.status, award.order.accepted_bid], ["pending", 115.01]);
  assert.deepEqual(award.payment_required, { amount: 115.01, available: 0, currency: "USD" });

  // Funding needs money. The same deposit twice is one.
  const short = await thrownBy(client.orders.fund(posted));
  assert.ok(short instanceof PaymentRequiredError);
  assert.deepEqual([short.required, short.available], [115.01, 0]);
  const once = { idempotencyKey: "first-deposit" };
  const { deposit } = await client.payments.deposit({ amount: 200 }, once);
  assert.equal((await client.payments.deposit({ amount: 200 }, once)).deposit.id, deposit.id);
  assert.equal((await client.payments.balance()).available, 200);
  const funded = await client.orders.fund(posted);
  assert.equal(funded.status, "active");
  assert.deepEqual(funded.milestones.map(({ amount }) => amount), [86.25, 28.76]);
  const { available, in_escrow } = await client.payments.balance();
  assert.deepEqual([available, in_escrow], [84.99, 115.01]);

  // The writer works and hands in; the client wants more, gets it, and pays step by step.
  await assert.rejects(client.milestones.start(posted, 1), ValidationError);
  assert.equal((await writer.milestones.start(posted, 1)).milestones[0]?.state, "in_progress");
  assert.equal((await writer.orders.reportProgress(posted, 60)).progress, 60);
  const outline = await writer.files.upload(new File(["1. Rain"], "outline.txt"));
  const handedIn = await writer.milestones.submit(posted, 1, { message: "The outline.", files: [outline] });
  assert.equal(handedIn.milestones[0]?.state, "submitted");
  await assert.rejects(writer.milestones.approve(posted, 1), ForbiddenError);
  const returned = await client.milestones.requestChanges(posted, 1, "A chart on rainfall, please.");
  assert.deepEqual(
    [returned.milestones[0]?.state, returned.milestones[0]?.changes_message],
    ["changes_requested", "A chart on rainfall, please."],
  );
  await writer.milestones.submit(posted, 1);
  const submissions = await client.milestones.submissions(posted, 1);
  assert.deepEqual(
    submissions.map(({ number, message, files }) => [number, message, files.map(({ name }) => name)]),
    [[1, "The outline.", ["outline.txt"]], [2, null, []]],
  );
  const [received] = submissions[0]?.files ?? [];
  assert.ok(received !== undefined);
  assert.equal(await new Response(await client.files.stream(received)).text(), "1. Rain");
  assert.equal((await client.milestones.approve(posted, 1)).milestones[0]?.status, "completed");
  await writer.milestones.submit(posted, 2);
  const done = await client.milestones.approve(posted, 2);
  assert.deepEqual([done.status, done.progress], ["completed", 100]);
  await assert.rejects(client.milestones.approve(posted, 2), { code: "CONFLICT", status: 409 });

  // Each says once what the other one was like.
  const review = await client.orders.review(posted, { rating: 5, comment: "Delivered early." });
  assert.deepEqual([review.order_id, review.rating], [posted.id, 5]);
  await writer.orders.review(posted, { rating: 4 });
  await assert.rejects(
    client.orders.review(posted, { rating: 1 }),
    (error) => error instanceof ConflictError && error.reason === "already_reviewed",
  );
  assert.equal((await writer.auth.me()).rating, 5);

  // The writer takes the money out, an administrator pays it.
  const account_holder = "Wilma Wordsmith";
  const account_details = { account_number: "1234567890", bank_name: "Example Bank", account_holder };
  const wish = { method: "bank_transfer", account_details } as const;
  await assert.rejects(writer.withdrawals.request({ amount: 115.02, ...wish }), UnprocessableEntityError);
  const withdrawal = await writer.withdrawals.request({ amount: 100, ...wish });
  assert.equal(withdrawal.account_details["account_number"], "****7890");
  await assert.rejects(client.withdrawals.get(withdrawal), NotFoundError);
  const waiting = await collect(admin.admin.withdrawals.all({ status: "pending" }));
  const [newestWaiting] = waiting.map(({ id, user }) => [id, user?.name]);
  assert.deepEqual(newestWaiting, [withdrawal.id, "Wilma Wordsmith"]);
  assert.equal((await admin.admin.withdrawals.approve(withdrawal)).state, "approved");
  assert.equal((await admin.admin.withdrawals.markPaid(withdrawal)).state, "paid");
  assert.equal((await writer.withdrawals.get(withdrawal)).status, "completed");
  const movements = await collect(writer.payments.allTransactions({}, { pageSize: 1 }));
  assert.deepEqual(
    movements.map(({ type, amount }) => [type, amount]),
    [["debit", 100], ["credit", 28.76], ["credit", 86.25]],
  );
  const wallet = await writer.payments.balance();
  assert.deepEqual([wallet.available, wallet.total_earned, wallet.total_withdrawn], [15.01, 115.01, 100]);

  // Both were told of what the other one did.
  const events = ["bid.accepted", "payment.received", "order.reviewed"];
  const told = await eventually(30, async () => {
    const found = await collect(writer.notifications.all({ is_read: false }));
    return events.every((event) => found.some((one) => one.event === event)) ? found : undefined;
  });
  const [newest] = told;
  assert.ok(newest !== undefined);
  await writer.notifications.markRead(newest);
  assert.equal(await writer.notifications.markAllRead(), told.length - 1);
  assert.equal((await writer.notifications.list()).unread_count, 0);

  // The ranking is made anew twice a minute.
  const { leaderboard, current_user_position } = await eventually(600, async () => {
    const ranking = await writer.leaderboard.get({ period: "all-time", limit: 10 });
    return ranking.current_user_position === null ? undefined : ranking;
  });
  const own = leaderboard.find(({ writer: { id } }) => id === writerId);
  assert.deepEqual([own?.rank, own?.total_earned], [current_user_position?.rank, 115.01]);
});
