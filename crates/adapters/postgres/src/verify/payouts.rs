//! Who agreed to the ways out.

use super::Check;

pub(super) const CHECKS: &[Check] = &[Check {
    name: "administrators_sign_withdrawals",
    rule: "whoever approved a withdrawal is an administrator, and nobody has approved one twice",
    offenders: "
        SELECT w.id AS withdrawal, w.state, w.first_approved_by, w.approved_by
        FROM withdrawals w
        WHERE w.first_approved_by = w.approved_by
           OR EXISTS (SELECT FROM unnest(ARRAY[w.first_approved_by, w.approved_by]) AS signer (id)
                      LEFT JOIN users u ON u.id = signer.id
                      WHERE signer.id IS NOT NULL AND (u.role = 'admin') IS NOT TRUE)",
}];
