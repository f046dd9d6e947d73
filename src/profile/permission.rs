//! Contact permissions: which channels a person allows and refuses now, from a list of decisions.

use crate::clock::{self, Micros};
use crate::pb;
use crate::pb::contact_permission::Status;
use crate::pb::conversation::Channel;

/// Sets the channels that a person allows and refuses. A refusal outweighs any number of consents. The customer's
/// refusals apply to its people; its consents do not.
pub fn apply(
    person: &mut pb::KeyPerson,
    own: &[pb::ContactPermission],
    of_customer: &[pb::ContactPermission],
    now: Micros,
) {
    let in_force = |permission: &&pb::ContactPermission| holds(permission, now);
    let own: Vec<&pb::ContactPermission> = own.iter().filter(in_force).collect();
    let refusals: Vec<&pb::ContactPermission> = own
        .iter()
        .copied()
        .chain(of_customer.iter().filter(in_force))
        .filter(|of| decides(of, Status::Refused))
        .collect();
    let is_for = |permission: &pb::ContactPermission, channel: Channel| {
        permission.channel == 0 || permission.channel == i32::from(channel)
    };
    // The numbers of the enum have no gaps.
    for channel in (1..).map_while(|number| Channel::try_from(number).ok()) {
        if refusals.iter().any(|refusal| is_for(refusal, channel)) {
            person.refused_channels.push(channel.into());
        } else if own
            .iter()
            .any(|of| decides(of, Status::Allowed) && is_for(of, channel))
        {
            person.allowed_channels.push(channel.into());
        }
    }
    person.do_not_contact = refusals.iter().any(|refusal| refusal.channel == 0);
    person.contact_permissions = own.into_iter().cloned().collect();
}

/// Says whether a decision has not expired.
pub fn holds(permission: &pb::ContactPermission, now: Micros) -> bool {
    permission
        .expire_time
        .as_ref()
        .and_then(clock::micros)
        .is_none_or(|expires| now < expires)
}

/// Says whether a decision has this status for any purpose.
fn decides(permission: &pb::ContactPermission, status: Status) -> bool {
    permission.status() == status && permission.purpose.is_empty()
}
