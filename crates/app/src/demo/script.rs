//! What happens in the demonstration, and how many hours ago it did.
//!
//! Each order has its own part of the script; the stage plays all parts together in the order of
//! time, so that numbers and books are in that order, too. What is told is checked by the use cases
//! that carry it out: a deed that is not possible then fails, and with it the whole world.

/// Something that somebody does about an order.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    /// Posts it.
    Post,
    /// Before the award, and the award.
    Market(Haggling),
    /// After it.
    Work(Working),
    /// In the chat about it.
    Chat(Talking),
}

/// Something that somebody does with their wallet, or an administrator with a withdrawal. Amounts are
/// in dollars.
#[derive(Clone, Copy)]
pub(super) enum Paying {
    /// Pays in.
    PayIn(i64),
    /// Asks for a withdrawal, which the script calls by a name.
    PayOut(i64, &'static str),
    /// Agrees to a withdrawal.
    AgreeTo(&'static str),
    /// Has paid a withdrawal.
    Paid(&'static str),
    /// Refuses a withdrawal.
    Refuse(&'static str, &'static str),
}

/// What leads to an award, or to none.
#[derive(Clone, Copy)]
pub(super) enum Haggling {
    /// Asks somebody to bid.
    Invite(&'static str),
    /// Does not want to bid.
    DeclineInvitation,
    /// Bids dollars.
    Bid(i64, &'static str),
    /// Names another price to a bidder.
    Counter(&'static str, i64, &'static str),
    /// Takes the client's price.
    TakeCounter,
    /// Keeps to the own price.
    RejectCounter,
    /// Changes the budget.
    Rebudget(i64),
    /// Stands by the own bid.
    Confirm,
    /// Does not want somebody's bid.
    DeclineBid(&'static str),
    /// Takes the own bid back.
    WithdrawBid,
    /// Gives the order to a bidder.
    Award(&'static str),
    /// Calls the order off.
    Cancel,
}

/// The work, its milestones, and what the sides say of each other at the end.
#[derive(Clone, Copy)]
pub(super) enum Working {
    /// Begins with a milestone.
    Begin(i32),
    /// Says how far the work is.
    Progress(i16),
    /// Adds a file to the order.
    Attach(&'static str, &'static str),
    /// Hands a milestone in: the words, and a file with its text.
    HandIn(i32, &'static str, &'static str),
    /// Wants a milestone done again.
    AskForChanges(i32, &'static str),
    /// Approves a milestone.
    Approve(i32),
    /// Gives stars to the other side.
    Review(i16, &'static str),
}

/// What is written and read.
#[derive(Clone, Copy)]
pub(super) enum Talking {
    /// Writes to somebody.
    Say(&'static str, &'static str),
    /// Reads what somebody wrote.
    Read(&'static str),
}

/// Who did what, so many hours ago.
pub(super) type Line = (i64, &'static str, Deed);

/// An order, and what happens about it.
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) subject: &'static str,
    pub(super) kind: &'static str,
    pub(super) pages: i32,
    /// In dollars.
    pub(super) budget: i64,
    /// In hours from now; after the last milestone.
    pub(super) due_in: i64,
    /// Names of milestones; without any there is one.
    pub(super) steps: &'static [&'static str],
    pub(super) description: &'static str,
    pub(super) lines: &'static [Line],
}

use Deed::{Chat, Market, Post, Work};
use Haggling::{
    Award, Bid, Cancel, Confirm, Counter, DeclineBid, DeclineInvitation, Invite, Rebudget, RejectCounter,
    TakeCounter, WithdrawBid,
};
use Paying::{AgreeTo, Paid, PayIn, PayOut, Refuse};
use Talking::{Read, Say};
use Working::{Approve, AskForChanges, Attach, Begin, HandIn, Progress, Review};

/// What is about no order.
pub(super) const MONEY: &[(i64, &str, Paying)] = &[
    (1_600, "client", PayIn(2_500)),
    (1_590, "henrik", PayIn(1_800)),
    (1_300, "amara", PayIn(900)),
    (700, "mei", PayIn(1_500)),
    (200, "client", PayIn(600)),
    (1_150, "writer", PayOut(200, "first")),
    (1_130, "admin", AgreeTo("first")),
    (1_100, "admin", Paid("first")),
    (980, "sofia", PayOut(400, "of sofia")),
    (960, "admin", AgreeTo("of sofia")),
    (930, "admin", Paid("of sofia")),
    (500, "priya", PayOut(150, "of priya")),
    (
        480,
        "admin",
        Refuse("of priya", "The name of the account is not yours; please ask again with your own."),
    ),
    (30, "writer", PayOut(120, "waiting")),
    (20, "jonas", PayOut(90, "of jonas")),
];

pub(super) const PARTS: &[Part] = &[
    Part {
        title: "Annual report on river floods in Europe",
        subject: "Environmental Science",
        kind: "Report",
        pages: 24,
        budget: 700,
        due_in: 48,
        steps: &["Outline", "First Draft", "Final Text"],
        description: "Twenty-four pages for readers who are no hydrologists: what happened last year, what it cost, and what three towns have changed since. We provide the data and the contacts.",
        lines: &[
            (1_580, "client", Post),
            (1_578, "client", Market(Invite("writer"))),
            (
                1_570,
                "writer",
                Market(Bid(
                    680,
                    "Floods were my beat for six years. I would begin with the three towns and let the figures follow; outline within a week.",
                )),
            ),
            (
                1_565,
                "lucas",
                Market(Bid(640, "I have written on rivers and cities before and can start at once.")),
            ),
            (
                1_560,
                "sofia",
                Market(Bid(820, "I can take the cost side apart properly, with sources for each figure.")),
            ),
            (1_550, "client", Market(Award("writer"))),
            (
                1_548,
                "client",
                Chat(Say(
                    "writer",
                    "Welcome aboard! The data is in the attached note; the contacts follow tomorrow.",
                )),
            ),
            (
                1_547,
                "client",
                Work(Attach(
                    "data-sources.txt",
                    "Gauges: national services, daily means.\nDamage: insurers' association, provisional.\n",
                )),
            ),
            (1_546, "writer", Chat(Read("client"))),
            (1_545, "writer", Chat(Say("client", "Thank you, that is all I need to begin."))),
            (1_540, "writer", Work(Begin(1))),
            (
                1_440,
                "writer",
                Work(HandIn(
                    1,
                    "The outline, with two alternatives for the opening.",
                    "1. A night in April\n2. What the gauges say\n3. Three towns\n",
                )),
            ),
            (1_430, "client", Work(Approve(1))),
            (1_425, "writer", Work(Begin(2))),
            (1_300, "writer", Work(Progress(55))),
            (
                1_260,
                "writer",
                Work(HandIn(
                    2,
                    "First draft. Page 14 still waits for the insurers' final figures.",
                    "Draft, 9,400 words.\n",
                )),
            ),
            (
                1_250,
                "client",
                Work(AskForChanges(
                    2,
                    "Lovely. Please shorten the second town by a page and add a map reference for each gauge.",
                )),
            ),
            (1_248, "client", Chat(Read("writer"))),
            (
                1_200,
                "writer",
                Work(HandIn(2, "Shortened, and every gauge has its reference now.", "Draft, 8,900 words.\n")),
            ),
            (1_190, "client", Work(Approve(2))),
            (1_170, "writer", Work(Begin(3))),
            (1_160, "writer", Work(HandIn(3, "The final text. It was a pleasure.", "Final, 8,950 words.\n"))),
            (1_155, "client", Work(Approve(3))),
            (
                1_154,
                "client",
                Work(Review(
                    5,
                    "Asked the right questions, found two mistakes in our own data, and was early.",
                )),
            ),
            (1_153, "writer", Work(Review(5, "A clear brief and quick answers."))),
        ],
    },
    Part {
        title: "Business plan for a payment start-up",
        subject: "Business",
        kind: "Business Plan",
        pages: 30,
        budget: 900,
        due_in: 24,
        steps: &["Market Study", "Plan"],
        description: "A plan that an investor reads to the end: market, product, regulation, figures for three years. We have a model in a spreadsheet and strong opinions.",
        lines: &[
            (1_500, "henrik", Post),
            (
                1_490,
                "sofia",
                Market(Bid(
                    950,
                    "I would rebuild the model first; half of the questions answer themselves then.",
                )),
            ),
            (1_480, "tomas", Market(Bid(600, "Happy to write this in plain language."))),
            (
                1_470,
                "henrik",
                Market(Counter("sofia", 880, "Could you do it for 880 if we take care of the layout?")),
            ),
            (1_465, "sofia", Market(TakeCounter)),
            (1_460, "henrik", Market(Award("sofia"))),
            (
                1_459,
                "sofia",
                Chat(Say(
                    "henrik",
                    "The spreadsheet has two versions of the churn rate. Which one do you believe?",
                )),
            ),
            (1_458, "henrik", Chat(Read("sofia"))),
            (1_457, "henrik", Chat(Say("sofia", "The pessimistic one, honestly."))),
            (
                1_300,
                "sofia",
                Work(HandIn(1, "The market study, with a table of all sources.", "Market study\n")),
            ),
            (1_290, "henrik", Work(Approve(1))),
            (1_050, "sofia", Work(HandIn(2, "The plan. Chapter 5 is the one to argue about.", "Plan\n"))),
            (1_030, "henrik", Work(Approve(2))),
            (
                1_029,
                "henrik",
                Work(Review(5, "The best text that anybody has written about our company, including us.")),
            ),
            (1_020, "sofia", Work(Review(4, "Good to work with; the figures came late."))),
        ],
    },
    Part {
        title: "Portrait of a bridge engineer",
        subject: "Journalism",
        kind: "Article",
        pages: 8,
        budget: 320,
        due_in: 20,
        steps: &[],
        description: "She built eleven bridges and never spoke about one of them in public. Now she wants to. Two conversations by telephone, one in writing, and a text of 2,500 words.",
        lines: &[
            (1_200, "amara", Post),
            (1_190, "amara", Market(Invite("priya"))),
            (
                1_180,
                "priya",
                Market(Bid(
                    320,
                    "I would love to do this. I would want to speak with one of her former foremen, too.",
                )),
            ),
            (1_175, "lucas", Market(Bid(300, "Bridges are buildings, after all."))),
            (1_160, "amara", Market(Award("priya"))),
            (
                1_150,
                "amara",
                Chat(Say("priya", "She is expecting your call on Thursday. She prefers mornings.")),
            ),
            (1_140, "priya", Chat(Read("amara"))),
            (900, "priya", Work(HandIn(1, "The portrait. All quotations are approved.", "Eleven Bridges\n"))),
            (880, "amara", Work(Approve(1))),
            (879, "amara", Work(Review(5, "Readers have written to us about this one."))),
            (870, "priya", Work(Review(5, "Pays on the day, as promised."))),
        ],
    },
    Part {
        title: "Maintenance manual for an infusion pump",
        subject: "Medicine",
        kind: "Manual",
        pages: 60,
        budget: 1_100,
        due_in: 30 * 24,
        steps: &["Structure", "Chapters 1 to 4", "Chapters 5 to 8"],
        description: "A manual for hospital technicians, after the structure that our auditors expect. Our engineers review each chapter; illustrations are there.",
        lines: &[
            (640, "mei", Post),
            (
                630,
                "jonas",
                Market(Bid(
                    1_150,
                    "I have written three manuals for this class of device. The structure takes a week, then about a chapter every two days.",
                )),
            ),
            (
                625,
                "grace",
                Market(Bid(1_300, "I could make sure that the warnings say what they have to say.")),
            ),
            (610, "mei", Market(Award("jonas"))),
            (
                605,
                "mei",
                Work(Attach(
                    "audit-checklist.txt",
                    "1. Intended use\n2. Warnings\n3. Maintenance intervals\n",
                )),
            ),
            (
                600,
                "jonas",
                Chat(Say("mei", "Thank you. Is there a glossary that your translators use already?")),
            ),
            (590, "mei", Chat(Read("jonas"))),
            (
                589,
                "mei",
                Chat(Say(
                    "jonas",
                    "There is, and I have just found out that it exists twice. I will send you the newer one.",
                )),
            ),
            (
                500,
                "jonas",
                Work(HandIn(1, "The structure, with the auditors' numbers in the margin.", "Structure\n")),
            ),
            (490, "mei", Work(Approve(1))),
            (480, "jonas", Work(Begin(2))),
            (100, "jonas", Work(Progress(60))),
            (
                60,
                "jonas",
                Work(HandIn(
                    2,
                    "Chapters 1 to 4. The torque values in 3.2 need a second look on your side.",
                    "Chapters 1 to 4\n",
                )),
            ),
            (
                40,
                "mei",
                Work(AskForChanges(
                    2,
                    "Engineering has corrected 3.2; please take their values over and mention the calibration tool.",
                )),
            ),
            (38, "mei", Chat(Say("jonas", "The corrected table is with you; sorry for the delay."))),
        ],
    },
    Part {
        title: "Essay on the covered markets of Lyon",
        subject: "History",
        kind: "Essay",
        pages: 10,
        budget: 280,
        due_in: 12,
        steps: &[],
        description: "For our issue on food and cities: who built the markets, who was driven out of them, who came back. Archive pictures are cleared.",
        lines: &[
            (860, "amara", Post),
            (850, "lucas", Market(Bid(280, "I know the archive and the archivist."))),
            (840, "tomas", Market(Bid(250, "Markets are my favourite subject."))),
            (830, "amara", Market(Award("lucas"))),
            (700, "lucas", Work(HandIn(1, "The essay, with notes at the end.", "Covered markets\n"))),
            (690, "amara", Work(Approve(1))),
            (689, "amara", Work(Review(4, "Fine scholarship; the opening needed a hand."))),
        ],
    },
    Part {
        title: "Literature review: heat and hospital admissions",
        subject: "Public Health",
        kind: "Literature Review",
        pages: 18,
        budget: 520,
        due_in: 20 * 24,
        steps: &["Search Protocol", "Review"],
        description: "What is known about heat waves and admissions in temperate countries since 2010. Documented search, a table of studies, and five pages of plain conclusions.",
        lines: &[
            (420, "client", Post),
            (
                415,
                "nora",
                Market(Bid(
                    540,
                    "I would register the protocol first. Two databases, or three with grey literature?",
                )),
            ),
            (410, "writer", Market(Bid(500, "I can write the conclusions so that a minister reads them."))),
            (400, "client", Market(Award("nora"))),
            (399, "nora", Chat(Say("client", "Shall I include grey literature?"))),
            (398, "client", Chat(Read("nora"))),
            (
                397,
                "client",
                Chat(Say("nora", "Yes, please; the ministries publish most of theirs that way.")),
            ),
            (390, "nora", Chat(Read("client"))),
            (
                330,
                "nora",
                Work(HandIn(1, "The protocol, ready to be repeated by anybody.", "Search strings\n")),
            ),
            (320, "client", Work(Approve(1))),
            (310, "nora", Work(Begin(2))),
            (
                28,
                "nora",
                Work(HandIn(2, "The review with 61 studies; 14 of them are new since spring.", "Review\n")),
            ),
            (27, "nora", Chat(Say("client", "The review is in. Table 2 is the one to look at first."))),
        ],
    },
    Part {
        title: "Climate change explained to twelve-year-olds",
        subject: "Environmental Science",
        kind: "Article",
        pages: 6,
        budget: 240,
        due_in: 15 * 24,
        steps: &["Draft", "Final Text"],
        description: "Six pages for our schools programme: no fear, no talking down, one experiment that works in a kitchen.",
        lines: &[
            (260, "client", Post),
            (
                255,
                "writer",
                Market(Bid(
                    230,
                    "The experiment is what I would begin with. I have tried four of them on my nieces.",
                )),
            ),
            (250, "tomas", Market(Bid(200, "Plain language is what I do."))),
            (245, "priya", Market(Bid(240, "I would ask a class what they want to know."))),
            (240, "client", Market(Award("writer"))),
            (
                230,
                "writer",
                Chat(Say("client", "Would a glass of water and a lamp be all right as equipment?")),
            ),
            (229, "client", Chat(Read("writer"))),
            (228, "client", Chat(Say("writer", "Perfect. Nothing that needs a fire."))),
            (220, "writer", Work(Begin(1))),
            (
                150,
                "writer",
                Work(HandIn(
                    1,
                    "The draft, with the experiment on page three.",
                    "A glass of water and a lamp\n",
                )),
            ),
            (140, "client", Work(Approve(1))),
            (130, "writer", Work(Begin(2))),
            (50, "writer", Work(Progress(80))),
            (
                9,
                "client",
                Chat(Say("writer", "The illustrator asks for the captions by Friday. Is that possible?")),
            ),
        ],
    },
    Part {
        title: "Terms of service in plain English",
        subject: "Law",
        kind: "Legal Text",
        pages: 12,
        budget: 450,
        due_in: 18 * 24,
        steps: &[],
        description: "Our terms are correct and unreadable. We need twelve pages that a customer understands and a court does, too.",
        lines: &[
            (90, "henrik", Post),
            (
                85,
                "grace",
                Market(Bid(
                    480,
                    "I would keep your numbering, so that old contracts still point to the right clause.",
                )),
            ),
            (80, "sofia", Market(Bid(500, "With a summary on page one."))),
            (40, "henrik", Market(Award("grace"))),
            (
                39,
                "grace",
                Chat(Say(
                    "henrik",
                    "I have read them once. Clause 14 contradicts clause 3; which one is meant?",
                )),
            ),
        ],
    },
    Part {
        title: "White paper on sterile connectors",
        subject: "Medicine",
        kind: "White Paper",
        pages: 14,
        budget: 2_400,
        due_in: 40 * 24,
        steps: &["Concept", "Text"],
        description: "For purchasing departments: why connectors fail, what that costs, and how ours are tested. Measurements and pictures are there.",
        lines: &[
            (72, "mei", Post),
            (
                60,
                "jonas",
                Market(Bid(
                    2_300,
                    "I can speak with your test laboratory directly and write the concept in a week.",
                )),
            ),
            (50, "mei", Market(Award("jonas"))),
            (49, "mei", Chat(Say("jonas", "Our accounting pays the money in on Monday; we begin then."))),
        ],
    },
    Part {
        title: "Grant application for a river observatory",
        subject: "Environmental Science",
        kind: "Grant Application",
        pages: 20,
        budget: 600,
        due_in: 12 * 24,
        steps: &["Concept", "Application"],
        description: "A consortium of three towns applies for money for gauges and a school programme. The form has 43 fields; the call text and last year's application are there.",
        lines: &[
            (110, "client", Post),
            (109, "client", Market(Invite("writer"))),
            (108, "client", Market(Invite("sofia"))),
            (
                100,
                "nora",
                Market(Bid(
                    620,
                    "I have written four of these; two were granted, and I know why the others were not.",
                )),
            ),
            (96, "writer", Market(Bid(560, "I know the towns by now, and the forms, too."))),
            (92, "lucas", Market(Bid(600, "Rivers again? With pleasure."))),
            (90, "sofia", Market(DeclineInvitation)),
            (70, "client", Market(Rebudget(650))),
            (60, "nora", Market(Confirm)),
            (
                30,
                "client",
                Market(Counter(
                    "writer",
                    520,
                    "Would 520 be possible if we write the budget chapter ourselves?",
                )),
            ),
            (
                29,
                "client",
                Chat(Say(
                    "writer",
                    "I have sent you a counter-offer; tell me if I am wrong about the budget chapter.",
                )),
            ),
        ],
    },
    Part {
        title: "Series of six newsletters about urban trees",
        subject: "Environmental Science",
        kind: "Newsletter",
        pages: 12,
        budget: 360,
        due_in: 25 * 24,
        steps: &["Letters 1 to 3", "Letters 4 to 6"],
        description: "Six letters of two pages for 4,000 readers who like trees and have no time. One tree each, one street each, one thing to do on a Saturday.",
        lines: &[
            (55, "client", Post),
            (48, "lucas", Market(Bid(340, "Every street has a story, and so has every tree in it."))),
            (44, "tomas", Market(Bid(300, "I would write them as letters, not as newsletters."))),
            (36, "priya", Market(Bid(390, "I would find six people who look after six trees."))),
            (26, "tomas", Market(WithdrawBid)),
            (18, "grace", Market(Bid(410, "I am new to trees, but not to deadlines."))),
            (12, "client", Market(DeclineBid("grace"))),
        ],
    },
    Part {
        title: "Product texts for a kitchen scale",
        subject: "Marketing",
        kind: "Copywriting",
        pages: 3,
        budget: 120,
        due_in: 6 * 24,
        steps: &[],
        description: "Three pages for shop and packaging. It weighs things. Please do not call it a journey.",
        lines: &[
            (34, "mei", Post),
            (32, "tomas", Market(Bid(120, "It weighs things. I can work with that."))),
            (24, "mei", Market(Counter("tomas", 100, "The last page is shared with another product."))),
            (22, "tomas", Market(RejectCounter)),
            (10, "sofia", Market(Bid(150, "With a comparison table."))),
        ],
    },
    Part {
        title: "Translation of a baker's memoir from French",
        subject: "Literature",
        kind: "Translation",
        pages: 90,
        budget: 800,
        due_in: 60 * 24,
        steps: &["Sample", "First Half", "Second Half"],
        description: "Ninety pages, handwritten and typed up by his granddaughter. He swears a good deal, and that should survive.",
        lines: &[
            (26, "amara", Post),
            (25, "amara", Market(Invite("lucas"))),
            (14, "grace", Market(Bid(900, "I can swear in three languages."))),
        ],
    },
    Part {
        title: "Market study: instant payments in the Nordics",
        subject: "Business",
        kind: "Market Study",
        pages: 16,
        budget: 550,
        due_in: 10 * 24,
        steps: &[],
        description: "Who offers what, at what price, and where the gaps are. Public sources only, each with a link and a date.",
        lines: &[
            (16, "henrik", Post),
            (8, "sofia", Market(Bid(560, "Four countries, one table, ten days."))),
            (3, "nora", Market(Bid(590, "I document my searches."))),
        ],
    },
    Part {
        title: "Speech for the opening of a footbridge",
        subject: "Journalism",
        kind: "Speech",
        pages: 2,
        budget: 90,
        due_in: 3 * 24,
        steps: &[],
        description: "Seven minutes, outdoors, with wind. The engineer will be there; nobody may mention the budget.",
        lines: &[(7, "amara", Post)],
    },
    Part {
        title: "Handbook for volunteers at flood shelters",
        subject: "Public Health",
        kind: "Handbook",
        pages: 40,
        budget: 640,
        due_in: 14 * 24,
        steps: &[],
        description: "What to do in the first hour, the first night and the first week. Has become part of a larger programme of the province.",
        lines: &[
            (760, "client", Post),
            (750, "nora", Market(Bid(660, "I have worked in two of them."))),
            (745, "grace", Market(Bid(700, "I would look after the part about liability."))),
            (700, "client", Market(Cancel)),
        ],
    },
];
