//! ConversationService: the handlers, and what a conversation's fields may hold.

use tonic::Request;

use crate::clock::{self, DAY, SECOND};
use crate::name::{Kind, Name};
use crate::pb;
use crate::pb::conversation::{Channel, Direction, State};
use crate::pb::conversation_service_server::ConversationService;
use crate::pb::note::Visibility;
use crate::service::check::text::PARAGRAPH;
use crate::service::check::{Checker, common, normal};
use crate::service::standard::methods::standard_methods;
use crate::service::standard::{self, Checked};
use crate::service::{Answer, begin_call, write_options};
use crate::store::engine::db::Db;
use crate::store::write::create::{Companion, New};

/// How far ahead a conversation that was held may start: clocks differ.
const HELD_AHEAD: clock::Micros = 300 * SECOND;

standard_methods! {
    impl ConversationService for Conversations {
        get: get_conversation(GetConversationRequest) -> Conversation;
        batch_get: batch_get_conversations(BatchGetConversationsRequest) -> BatchGetConversationsResponse { conversations };
        list: list_conversations(ListConversationsRequest) -> ListConversationsResponse { conversations };
        update: update_conversation(UpdateConversationRequest { conversation }) -> Conversation;
        delete: delete_conversation(DeleteConversationRequest) -> Conversation;
        undelete: undelete_conversation(UndeleteConversationRequest) -> Conversation;
        special: create_conversation(CreateConversationRequest) -> Conversation = create_conversation;
    }
}

/// Answers CreateConversation, which makes the promises of the conversation with it.
async fn create_conversation(
    db: &Db,
    request: Request<pb::CreateConversationRequest>,
) -> Answer<pb::Conversation> {
    let (call, message) = begin_call(db, request).await?;
    let options = write_options(db, &message, &message.request_id, message.validate_only);
    let pb::CreateConversationRequest {
        conversation,
        conversation_id,
        mut promises,
        ..
    } = message;
    let mut checker = Checker::at("", db.clock().now());
    let resource = standard::check_new(&mut checker, conversation, &conversation_id, &options);
    checker.each(
        "promises",
        promises.iter_mut(),
        common::MANY,
        |checker, promise| made_in(checker, promise, &resource),
    );
    checker.finish()?;
    let companion = |(i, promise)| Companion::new(promise, &format!("promises[{i}]"));
    let companions = promises.into_iter().enumerate().map(companion).collect();
    let new = New {
        resource,
        options,
        companions,
    };
    standard::create_checked(db, call, new).await
}

/// Checks a promise that is made in the conversation, and fills in what follows from that.
pub(crate) fn made_in(
    checker: &mut Checker,
    promise: &mut pb::Promise,
    conversation: &pb::Conversation,
) {
    let other = !promise.conversation.is_empty() && promise.conversation != conversation.name;
    checker.ensure(
        !other,
        "conversation",
        "names another conversation than the one that is created",
    );
    standard::clear_output(promise);
    promise.name = Name::generate(Kind::Promise).to_string();
    if promise.customer.is_empty() {
        promise.customer.clone_from(&conversation.customer);
    }
    promise.conversation.clone_from(&conversation.name);
    standard::check(checker, promise);
}

/// Checks that a conversation that was held does not lie ahead.
fn not_ahead(checker: &mut Checker, conversation: &pb::Conversation) {
    let start = conversation.start_time.as_ref().and_then(clock::micros);
    checker.ensure(
        start.is_none_or(|start| start <= checker.now() + HELD_AHEAD),
        "start_time",
        "lies ahead, so the conversation is PLANNED and not HELD",
    );
}

impl Checked for pb::Conversation {
    fn normalize(&mut self) {
        normal::time(&mut self.start_time);
        normal::span(&mut self.duration);
    }

    fn validate(&self, checker: &mut Checker) {
        checker.require_text("customer", &self.customer);
        common::reference(checker, "customer", Kind::Customer, &self.customer);
        common::references(
            checker,
            "contacts",
            Kind::Contact,
            &self.contacts,
            common::MANY,
        );
        common::references(
            checker,
            "colleagues",
            Kind::Colleague,
            &self.colleagues,
            common::MANY,
        );
        checker.enumeration::<Channel>("channel", self.channel);
        checker.enumeration::<Direction>("direction", self.direction);
        checker.enumeration::<State>("state", self.state);
        checker.require_set("start_time", self.start_time.is_some());
        checker.time("start_time", self.start_time.as_ref());
        if self.state() == State::Held {
            not_ahead(checker, self);
        }
        checker.span("duration", self.duration.as_ref(), 3_652 * DAY + DAY / 2);
        checker.line("subject", &self.subject, 1000);
        checker.paragraph("summary", &self.summary, PARAGRAPH);
        checker.passage("body", &self.body);
        checker.lines("topics", &self.topics, common::MANY, 200);
        checker.short("intent", &self.intent);
        checker.enumeration::<Visibility>("visibility", self.visibility);
    }

    fn validate_change(&self, stored: Option<&Self>, checker: &mut Checker) {
        // It will be made as one that was held.
        if stored.is_none() && self.state == 0 {
            not_ahead(checker, self);
        }
    }

    fn clear_output(&mut self) {
        self.author.clear();
    }

    fn keep(&mut self, stored: &Self) {
        if self.state == 0 {
            self.state = stored.state;
        }
        if self.visibility == 0 {
            self.visibility = stored.visibility;
        }
    }
}
