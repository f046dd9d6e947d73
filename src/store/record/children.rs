//! The children of a resource: those deleted and undeleted with it.
//!
//! There may be thousands, and the unit that takes them along keeps other writers waiting. So they are read and encoded
//! before it has its turn. In its turn it looks only at their names and etags, under lock, and reads anew what differs;
//! then all of a kind are marked by one statement. They get one etag and one time, and so do the states in history.

use std::collections::BTreeMap;

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::engine::db::Db;
use crate::store::engine::tx::Tx;
use crate::store::record::change::{Action, Change};
use crate::store::record::counted::{Affected, Counted};
use crate::store::record::lock::Locked;
use crate::store::record::reference::{Parent, Reference};
use crate::store::record::resource::{Resource, columns, decode, new_etag, visible};
use crate::store::record::search_shadow;
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, part, scoped};

/// The most children that are deleted along with a record.
pub const MAX_CHILDREN: usize = 10_000;

/// The children of a resource of one kind. They are of a kind that is not looked up by words.
pub struct Children {
    /// Their kind.
    pub kind: Kind,
    /// Their field that names the parent.
    pub field: &'static str,
    /// Their fields that name parents, this one included.
    pub(crate) parents: &'static [Parent],
    /// Their lists of records that have derived values of them.
    pub(crate) lists: &'static [Parent],
    /// Reads those that meet a condition.
    read: fn(&TenantScope, Part, &str) -> Query<Vec<Child>>,
    /// Encodes the fields that marking changes.
    encode: fn(&Marking) -> Vec<u8>,
}

/// A child, as far as marking it needs it.
pub(crate) struct Child {
    name: String,
    etag: String,
    /// Its state, encoded without the fields that marking changes. What is encoded of a message in two parts is read
    /// as one: <https://protobuf.dev/programming-guides/encoding/#last-one-wins>.
    body: Vec<u8>,
    customers: Vec<String>,
    /// Its references to parents.
    parents: Vec<Reference>,
    /// What it does for those it is with while it is live.
    counted: Option<Counted>,
}

/// The name and etag of a child under lock.
pub(crate) struct Head {
    name: String,
    etag: String,
    is_visible: bool,
}

/// What a unit read about a record whose children go or come along: all of it under lock, but for `ahead`.
pub(crate) struct Family {
    /// The record, its parents, and those whose derived values depend on them or the children.
    pub locked: Locked,
    /// Further customers whose profile the record is part of.
    pub other_customers: Vec<String>,
    /// The children, by kind.
    pub heads: Vec<Vec<Head>>,
    /// The children as they were read before the unit had its turn.
    pub ahead: Vec<Child>,
}

/// Which children are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Live,
    DeletedWithParent,
}

/// What children of one kind become.
struct Marking {
    etag: String,
    update_time: Micros,
    delete_time: Option<Micros>,
    deleted_with: String,
}

/// The statements and changes that mark children.
#[derive(Default)]
pub(crate) struct Marked {
    pub statements: Vec<Query<()>>,
    pub changes: Vec<Change>,
    pub affected: Affected,
}

impl Children {
    /// Declares the children of kind `C` that name their parent in `field`.
    pub const fn of<C: Resource>(field: &'static str) -> Children {
        Children {
            kind: C::KIND,
            field,
            parents: C::PARENTS,
            lists: C::LOCKED_LISTS,
            read: read::<C>,
            encode: encode::<C>,
        }
    }

    /// Returns the condition of those that are meant.
    fn of_parent(&self, parent: &Name, which: Which) -> Part {
        match which {
            Which::Live => part!(
                ":{field} = :parent and delete_time is null",
                field = self.field,
                parent
            ),
            Which::DeletedWithParent => part!(
                ":{field} = :parent and deleted_with = :parent",
                field = self.field,
                parent,
            ),
        }
    }

    /// Locks those that are meant, in the order of their names; of live ones no more than enough to refuse.
    fn heads(&self, scope: &TenantScope, parent: &Name, which: Which) -> Query<Vec<Head>> {
        let heads = scoped!(
            scope,
            "select name, etag, (1 = 1 :{visible}) as is_visible from :{table}
             where tenant_id = :tenant and :{is_meant}
             order by name :{limit} for update",
            visible = visible(self.kind, scope),
            table = self.kind.collection(),
            is_meant = self.of_parent(parent, which),
            limit = limit(which),
        );
        heads.rows(
            ["name", "etag", "is_visible"],
            |row, [name, etag, is_visible]| {
                Ok(Head {
                    name: row.text(name)?,
                    etag: row.text(etag)?,
                    is_visible: row.bool(is_visible)?,
                })
            },
        )
    }

    /// Returns selects of the records of a kind that must be locked along with the children: who has derived values of
    /// them and, if they come back, their other parents. Those who come back are asked for whatever they were deleted
    /// with: another parent that is undeleted at the same time may hand a child over to this one after this has looked.
    pub(crate) fn depended_on(
        &self,
        scope: &TenantScope,
        parent: &Name,
        which: Which,
        kind: Kind,
    ) -> Vec<Part> {
        let (is_meant, is_back) = match which {
            Which::Live => ("delete_time is null", false),
            Which::DeletedWithParent => ("delete_time is not null", true),
        };
        let is_other = |of: &&Parent| is_back && of.field != self.field && of.kind == kind;
        let others = self.parents.iter().filter(is_other).map(|other| {
            Part::from(scoped!(
                scope,
                "select :{other} from :{children}
                 where tenant_id = :tenant and :{field} = :parent and :{is_meant}",
                other = other.field,
                children = self.kind.collection(),
                field = self.field,
                parent,
                is_meant,
            ))
        });
        let lists = self.lists.iter().filter(|of| of.kind == kind).map(|list| {
            Part::from(scoped!(
                scope,
                "select keys.value from :{children} cross join keys
                 where :{children}.tenant_id = :tenant and :{children}.:{field} = :parent
                   and :{children}.:{is_meant}
                   and keys.tenant_id = :tenant and keys.name = :{children}.name
                   and keys.field = :{list} and keys.key = ''",
                children = self.kind.collection(),
                field = self.field,
                parent,
                is_meant,
                list = Part::literal(list.field),
            ))
        });
        others.chain(lists).collect()
    }

    fn mark(&self, scope: &TenantScope, marking: &Marking, names: Vec<String>) -> Query<()> {
        let mark = scoped!(
            scope,
            "update :{table} set delete_time = :delete_time, update_time = :update_time,
               etag = :etag, deleted_with = :deleted_with, folded = :{folded}
             where tenant_id = :tenant and name = any(:names)",
            table = self.kind.collection(),
            delete_time = marking.delete_time,
            update_time = marking.update_time,
            etag = &marking.etag,
            deleted_with = &marking.deleted_with,
            folded = search_shadow::with_etag(&marking.etag),
            names,
        );
        mark.done()
    }

    /// Makes children count as deleted with another parent, which is named in a field of theirs.
    fn hand_over(&self, scope: &TenantScope, to: &'static str, names: Vec<String>) -> Query<()> {
        let hand_over = scoped!(
            scope,
            "update :{table} set deleted_with = :{to}
             where tenant_id = :tenant and name = any(:names)",
            table = self.kind.collection(),
            to,
            names,
        );
        hand_over.done()
    }
}

fn limit(which: Which) -> Part {
    let most = i64::try_from(MAX_CHILDREN + 1).unwrap_or(i64::MAX);
    match which {
        Which::Live => part!("limit +:most", most),
        Which::DeletedWithParent => Part::default(),
    }
}

fn read<C: Resource>(scope: &TenantScope, condition: Part, today: &str) -> Query<Vec<Child>> {
    let children = scoped!(
        scope,
        "select :{columns} from :{table} where tenant_id = :tenant and :{condition}",
        columns = columns::<C>(scope, today),
        table = C::KIND.collection(),
        condition,
    );
    children.rows(["name"], |row, [first]| {
        decode::<C>(row, first).map(|stored| Child::of(stored.resource))
    })
}

fn encode<C: Resource>(marking: &Marking) -> Vec<u8> {
    let mut marked = C::default();
    let header = marked.header_mut();
    header.etag.clone_from(&marking.etag);
    *header.update_time = Some(clock::timestamp(marking.update_time));
    *header.delete_time = marking.delete_time.map(clock::timestamp);
    marked.encode_to_vec()
}

impl Child {
    fn of<C: Resource>(mut child: C) -> Child {
        debug_assert!(
            child.texts().is_none(),
            "its words would have to change, too"
        );
        let parents = child.references().into_iter();
        let is_parent = |of: &Reference| C::PARENTS.iter().any(|parent| parent.field == of.field);
        let parents = parents.filter(is_parent).collect();
        child.clear_derived();
        let header = child.header_mut();
        let etag = std::mem::take(header.etag);
        (*header.update_time, *header.delete_time) = (None, None);
        Child {
            name: child.header().name.to_owned(),
            etag,
            body: child.encode_to_vec(),
            customers: child.customers(),
            parents,
            counted: child.counted(),
        }
    }

    /// Returns another parent, if one is still deleted.
    ///
    /// A child that joined this parent after the other parents were locked cannot be judged: that is a concurrent
    /// write.
    fn dead_parent(&self, locked: &Locked, back: &Name) -> Result<Option<&Reference>, Error> {
        for parent in self.parents.iter().filter(|of| of.target != *back) {
            let name = parent.target.to_string();
            if !locked.knows(&name) {
                return Err(Error::ConcurrentWrite);
            }
            if !locked.is_live(&name) {
                return Ok(Some(parent));
            }
        }
        Ok(None)
    }
}

/// Reads the children of a record before the unit that takes them along has its turn.
pub(crate) async fn read_ahead<R: Resource>(
    db: &Db,
    scope: &TenantScope,
    parent: &Name,
    which: Which,
) -> Result<Vec<Child>, Error> {
    if R::CHILDREN.is_empty() {
        return Ok(Vec::new());
    }
    let today = clock::date_of(db.clock().now());
    let of_kind = |of: &Children| {
        let condition = [of.of_parent(parent, which), limit(which)];
        (of.read)(scope, Part::join(" ", condition), &today)
    };
    let all: Vec<_> = R::CHILDREN.iter().map(of_kind).collect();
    Ok(db.fetch(scope, all).await?.into_iter().flatten().collect())
}

/// Returns the queries that lock the children of a record and look at them.
pub(crate) fn heads<R: Resource>(
    scope: &TenantScope,
    parent: &Name,
    which: Which,
) -> Vec<Query<Vec<Head>>> {
    let of_kind = |of: &Children| of.heads(scope, parent, which);
    R::CHILDREN.iter().map(of_kind).collect()
}

/// Counts those that the caller may see: nobody learns about PRIVATE ones, not even by a count.
pub(crate) fn n_visible(heads: &[Head]) -> usize {
    heads.iter().filter(|head| head.is_visible).count()
}

/// Returns the children as they are under lock: those read ahead that are still the same, and the others read anew.
pub(crate) async fn under_lock<R: Resource>(
    tx: &mut Tx,
    heads: Vec<Vec<Head>>,
    ahead: Vec<Child>,
) -> Result<Vec<Vec<Child>>, Error> {
    let mut known: BTreeMap<String, Child> = ahead
        .into_iter()
        .map(|child| (child.name.clone(), child))
        .collect();
    let is_same = |head: &Head| {
        let child = known.get(&head.name);
        child.is_some_and(|child| child.etag == head.etag)
    };
    let (scope, today) = (tx.scope(), clock::date_of(tx.now()));
    let anew = R::CHILDREN.iter().zip(&heads).filter_map(|(of, heads)| {
        let differ = heads.iter().filter(|head| !is_same(head));
        let names: Vec<String> = differ.map(|head| head.name.clone()).collect();
        let is_any = !names.is_empty();
        is_any.then(|| (of.read)(scope, part!("name = any(:names)", names), &today))
    });
    let anew: Vec<_> = anew.collect();
    if !anew.is_empty() {
        let anew = tx.run(anew).await?.into_iter().flatten();
        known.extend(anew.map(|child| (child.name.clone(), child)));
    }
    let lost = || Error::internal("a locked child is not there");
    let mut of_head = |head: Head| known.remove(&head.name).ok_or_else(lost);
    heads
        .into_iter()
        .map(|heads| heads.into_iter().map(&mut of_head).collect())
        .collect()
}

/// Marks children as deleted with their parent: each has its own change and history.
pub(crate) fn mark_deleted<R: Resource>(
    scope: &TenantScope,
    children: Vec<Vec<Child>>,
    with: &Name,
    now: Micros,
) -> Marked {
    let mut marked = Marked::default();
    for (of, children) in R::CHILDREN.iter().zip(children) {
        let marking = Marking {
            etag: new_etag(),
            update_time: now,
            delete_time: Some(now),
            deleted_with: with.to_string(),
        };
        marked.add(scope, of, Action::Deleted, &marking, children);
    }
    marked
}

/// Marks children as live again, except those with another parent that is still deleted.
pub(crate) fn mark_live<R: Resource>(
    scope: &TenantScope,
    children: Vec<Vec<Child>>,
    back: &Name,
    locked: &Locked,
    now: Micros,
) -> Result<Marked, Error> {
    let mut marked = Marked::default();
    for (of, children) in R::CHILDREN.iter().zip(children) {
        let mut live = Vec::new();
        let mut handed_over: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for child in children {
            let dead = child.dead_parent(locked, back)?;
            let field = |dead: &Reference| of.parents.iter().find(|of| of.field == dead.field);
            match dead.and_then(field) {
                Some(to) => handed_over.entry(to.field).or_default().push(child.name),
                None => live.push(child),
            }
        }
        let handed_over = handed_over.into_iter();
        let handed_over = handed_over.map(|(to, names)| of.hand_over(scope, to, names));
        marked.statements.extend(handed_over);
        let marking = Marking {
            etag: new_etag(),
            update_time: now,
            delete_time: None,
            deleted_with: String::new(),
        };
        marked.add(scope, of, Action::Undeleted, &marking, live);
    }
    Ok(marked)
}

impl Marked {
    fn add(
        &mut self,
        scope: &TenantScope,
        of: &Children,
        action: Action,
        marking: &Marking,
        children: Vec<Child>,
    ) {
        if children.is_empty() {
            return;
        }
        let names = children.iter().map(|child| child.name.clone()).collect();
        self.statements.push(of.mark(scope, marking, names));
        let end = (of.encode)(marking);
        for child in children {
            let (before, after) = match action {
                Action::Deleted => (child.counted, None),
                _ => (None, child.counted),
            };
            self.affected.note(&child.name, before, after);
            let body = [child.body, end.clone()].concat();
            let change = Change::of_child(of.kind, child.name, action, child.customers, body);
            self.changes.push(change);
        }
    }
}
