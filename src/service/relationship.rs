//! RelationshipService: the questions about customers. What the answers mean is in `profile`.

use tonic::Request;

use super::check::{Checker, key};
use super::standard::{MAX_ANSWER_BYTES, check_read_mask, masked};
use super::{Answer, answer, look_up, open};
use crate::error::Error;
use crate::mask::Mask;
use crate::name::Kind;
use crate::pb;
use crate::pb::relationship_service_server::RelationshipService;
use crate::profile::aggregate;
use crate::profile::load::{self, Depth};
use crate::store::db::{At, Db};

/// The service.
#[derive(Clone)]
pub struct Relationships {
    /// The store it works on.
    pub db: Db,
}

#[tonic::async_trait]
impl RelationshipService for Relationships {
    async fn get_profile(&self, request: Request<pb::GetProfileRequest>) -> Answer<pb::Profile> {
        let (call, message) = open(&self.db, request).await?;
        let mut checker = Checker::new("");
        let key = key::customer(&mut checker, "key", message.key.as_ref());
        let mask = check_read_mask::<pb::Profile>(&mut checker, message.read_mask.as_ref());
        checker.finish()?;
        let now = self.db.clock().now();
        let loaded = load::by_keys(&self.db, &call.scope, std::slice::from_ref(&key), depth(&mask), now).await?;
        let facts = loaded.answer.of(&key).one(Kind::Customer, &key)?;
        let profile = masked(&mask, aggregate::profile(facts))?;
        bounded(prost::Message::encoded_len(&profile))?;
        Ok(answer(At { answer: profile, revision: loaded.revision }))
    }

    async fn look_up(&self, request: Request<pb::LookUpRequest>) -> Answer<pb::LookUpResponse> {
        look_up::look_up(&self.db, request).await
    }
}

/// Says how much has to be read for the masked fields.
fn depth(mask: &Mask) -> Depth {
    let of_people = ["customer", "people", "more_people", "last_conversation"];
    if mask.names_only(&of_people) { Depth::People } else { Depth::Profile }
}

fn bounded(size: usize) -> Result<(), Error> {
    if size > MAX_ANSWER_BYTES { Err(Error::ResponseTooLarge { limit: MAX_ANSWER_BYTES }) } else { Ok(()) }
}
