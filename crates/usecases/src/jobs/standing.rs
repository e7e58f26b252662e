//! What comes round again and again.

use ports::jobs::{Job, Schedule};
use ports::retention::Leftover;

const fn clean_up(name: &'static str, cron: &'static str, what: Leftover) -> Schedule {
    Schedule { name, cron, zone: "UTC", job: Job::CleanUp(what) }
}

/// Every schedule of the program. A name is for ever: under another one a schedule begins anew.
#[must_use]
pub fn standing_schedules() -> Vec<Schedule> {
    let refresh_leaderboard = Schedule {
        name: "refresh_leaderboard",
        // Twice as often as the contract lets a ranking grow old.
        cron: "*/30 * * * * *",
        zone: "UTC",
        job: Job::RefreshLeaderboard,
    };
    vec![
        Schedule { name: "expire_disputes", cron: "* * * * *", zone: "UTC", job: Job::ExpireDisputes },
        Schedule { name: "expire_orders", cron: "* * * * *", zone: "UTC", job: Job::ExpireOrders },
        Schedule { name: "lapse_orders", cron: "* * * * *", zone: "UTC", job: Job::LapseOrders },
        Schedule { name: "release_milestones", cron: "* * * * *", zone: "UTC", job: Job::ReleaseMilestones },
        Schedule { name: "clear_payments", cron: "* * * * *", zone: "UTC", job: Job::ClearPayments },
        Schedule { name: "lapse_proposals", cron: "* * * * *", zone: "UTC", job: Job::LapseProposals },
        Schedule { name: "pay_withdrawals", cron: "* * * * *", zone: "UTC", job: Job::PayWithdrawals },
        refresh_leaderboard,
        Schedule { name: "settle_debts", cron: "* * * * *", zone: "UTC", job: Job::SettleDebts },
        Schedule { name: "sweep_files", cron: "37 2 * * *", zone: "UTC", job: Job::SweepFiles },
        Schedule { name: "verify_books", cron: "0 3 * * *", zone: "UTC", job: Job::VerifyBooks },
        clean_up("clean_up_ended_logins", "*/10 * * * *", Leftover::EndedLogins),
        clean_up("clean_up_request_keys", "7 * * * *", Leftover::RequestKeys),
        clean_up("clean_up_dispatched_facts", "37 * * * *", Leftover::DispatchedFacts),
        clean_up("clean_up_logins", "17 3 * * *", Leftover::Logins),
        clean_up("clean_up_refresh_tokens", "47 3 * * *", Leftover::RefreshTokens),
        clean_up("clean_up_read_marks", "7 4 * * *", Leftover::ReadMarks),
        clean_up("clean_up_read_notifications", "27 4 * * *", Leftover::ReadNotifications),
        clean_up("clean_up_dead_jobs", "57 * * * *", Leftover::DeadJobs),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_is_cleaned_up_under_a_name_of_its_own() {
        let schedules = standing_schedules();
        let names: BTreeSet<_> = schedules.iter().map(|schedule| schedule.name).collect();
        assert_eq!(names.len(), schedules.len());
        for what in Leftover::ALL {
            assert!(schedules.iter().any(|schedule| schedule.job == Job::CleanUp(*what)), "{what:?}");
        }
    }
}
