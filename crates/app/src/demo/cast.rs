//! The people of the demonstration.

use domain::identity::Role;

/// Somebody who has an account.
pub(super) struct Person {
    /// How the script calls them; the address is `{key}@demo.test`.
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    /// None for the administrator.
    pub(super) role: Option<Role>,
    /// Hours ago.
    pub(super) joined: i64,
    pub(super) bio: &'static str,
    pub(super) fields: &'static [&'static str],
    pub(super) education: &'static str,
    pub(super) languages: &'static [&'static str],
}

const NOBODY: Person = Person {
    key: "",
    name: "",
    role: None,
    joined: 0,
    bio: "",
    fields: &[],
    education: "",
    languages: &["English"],
};

/// The first three are those that are told to whoever starts the program.
pub(super) const CAST: [Person; 13] = [
    Person {
        key: "client",
        name: "Clara Client",
        role: Some(Role::Client),
        joined: 1_700,
        bio: "I run communications for a small climate foundation in Utrecht. We publish four reports a year and a good many briefings, and I look for writers who ask questions before they start.",
        languages: &["English", "Dutch"],
        ..NOBODY
    },
    Person {
        key: "writer",
        name: "Willem Writer",
        role: Some(Role::Writer),
        joined: 1_690,
        bio: "Science writer with ten years at a popular magazine behind me. I turn papers into prose that people finish reading, check every number twice, and hand in a day early whenever I can.",
        fields: &["Science Writing", "Editing", "Research"],
        education: "MSc in Physical Geography, Wageningen",
        languages: &["English", "Dutch", "German"],
    },
    Person { key: "admin", name: "Ada Admin", joined: 1_710, ..NOBODY },
    Person {
        key: "henrik",
        name: "Henrik Lindqvist",
        role: Some(Role::Client),
        joined: 1_650,
        bio: "Founder of a two-person fintech in Gothenburg. I need business plans, pitch texts and the occasional grant application, and I answer messages the same day, usually within the hour.",
        languages: &["Swedish", "English"],
        ..NOBODY
    },
    Person {
        key: "amara",
        name: "Amara Okafor",
        role: Some(Role::Client),
        joined: 1_400,
        bio: "I edit the alumni magazine of a university in Lagos and commission portraits, interviews and essays. Clear briefs, fair deadlines, and payment on the day the text is approved.",
        ..NOBODY
    },
    Person {
        key: "mei",
        name: "Mei Tanaka",
        role: Some(Role::Client),
        joined: 900,
        bio: "Product lead at a company that makes instruments for hospitals. My orders are mostly technical: manuals, white papers, training material, with reviewers from engineering on our side.",
        languages: &["Japanese", "English"],
        ..NOBODY
    },
    Person {
        key: "sofia",
        name: "Sofia Marchetti",
        role: Some(Role::Professional),
        joined: 1_660,
        bio: "Economist by training, editor by trade. I write business plans, market studies and policy briefs, and I build the tables behind them so that the figures can be traced to their sources.",
        fields: &["Business Writing", "Market Research", "Editing"],
        education: "PhD in Economics, Bologna",
        languages: &["Italian", "English", "French"],
    },
    Person {
        key: "jonas",
        name: "Jonas Weber",
        role: Some(Role::Freelancer),
        joined: 1_600,
        bio: "Technical writer for medical and industrial equipment. Fifteen years of manuals that survived audits. I like awkward subject matter, structured documents and reviewers who push back.",
        fields: &["Technical Writing", "Documentation"],
        education: "Dipl.-Ing., Aachen",
        languages: &["German", "English"],
    },
    Person {
        key: "priya",
        name: "Priya Raman",
        role: Some(Role::Writer),
        joined: 1_500,
        bio: "Former newspaper reporter who now writes long portraits and interviews. I record everything, transcribe it myself, and send the people I write about their quotations before you see a draft.",
        fields: &["Journalism", "Interviews", "Essays"],
        education: "MA in Journalism, Chennai",
        languages: &["English", "Tamil", "Hindi"],
    },
    Person {
        key: "lucas",
        name: "Lucas Moreau",
        role: Some(Role::Writer),
        joined: 1_300,
        bio: "Historian and translator from French. Essays on cities, buildings and the people who paid for them; careful with archives, quick with footnotes, and happy to cut a text by half.",
        fields: &["History", "Translation", "Essays"],
        education: "MA in History, Lyon",
        languages: &["French", "English"],
    },
    Person {
        key: "nora",
        name: "Nora Haddad",
        role: Some(Role::Freelancer),
        joined: 1_100,
        bio: "Public health researcher who writes literature reviews and grant applications for clinics and charities. I document each search so that somebody else could repeat it next year.",
        fields: &["Literature Reviews", "Public Health", "Grant Writing"],
        education: "MPH, Beirut",
        languages: &["Arabic", "English", "French"],
    },
    Person {
        key: "tomas",
        name: "Tomás Rivera",
        role: Some(Role::Writer),
        joined: 800,
        bio: "Copywriter turned essayist. I write about food, markets and everyday technology in plain language, and I have a soft spot for product texts that do not sound like product texts.",
        fields: &["Copywriting", "Essays"],
        languages: &["Spanish", "English"],
        ..NOBODY
    },
    Person {
        key: "grace",
        name: "Grace Mbeki",
        role: Some(Role::Professional),
        joined: 600,
        bio: "Legal editor with a background in contract law. I make terms and conditions readable without making them wrong, and I review translations of legal texts sentence by sentence.",
        fields: &["Legal Writing", "Editing"],
        education: "LLB, Cape Town",
        languages: &["English", "Afrikaans"],
    },
];
