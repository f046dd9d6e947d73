//! The children of a resource: those deleted and undeleted with it.

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::engine::tx::Tx;
use crate::store::record::change::{Action, Change};
use crate::store::record::last_conversation::Affected;
use crate::store::record::lock::Locked;
use crate::store::record::reference::{Parent, Reference};
use crate::store::record::resource::{self, Authorship, Resource, Stored, columns, decode, touch};
use crate::store::scope::TenantScope;
use crate::store::sql::query::Query;
use crate::store::sql::statement::{Part, part, scoped};

/// The children of a resource of one kind.
pub struct Children {
    /// Their kind.
    pub kind: Kind,
    /// Their field that names the parent.
    pub field: &'static str,
    /// Their fields that name parents, this one included.
    pub(crate) parents: &'static [Parent],
    /// Finds and locks them, in the order of their names: the live ones, or those deleted with the parent.
    pub(crate) find: fn(&Children, &TenantScope, &Name, Which, Micros) -> Query<FoundChildren>,
}

/// Children of one kind found under a parent.
pub(crate) struct FoundChildren {
    pub kind: Kind,
    /// For each, the only one who may see it; `None` if everyone may.
    private_to: Vec<Option<String>>,
    /// Marks them as deleted with the parent, or as live again.
    pub mark: MarkChildren,
}

type MarkChildren = Box<dyn FnOnce(&TenantScope, Mark<'_>, Micros) -> Result<Marked, Error> + Send>;

impl FoundChildren {
    fn of<C: Resource>(children: Vec<Stored<C>>) -> FoundChildren {
        let private_to = children
            .iter()
            .map(|child| private_to(&child.resource))
            .collect();
        FoundChildren {
            kind: C::KIND,
            private_to,
            mark: Box::new(move |scope, with, now| mark(scope, children, with, now)),
        }
    }

    /// Counts those that an actor may see: nobody learns about PRIVATE ones, not even by a count.
    pub(crate) fn n_visible(&self, tx: &Tx) -> usize {
        let is_visible = |only: &&Option<String>| only.as_ref().is_none_or(|only| tx.is_own(only));
        self.private_to.iter().filter(is_visible).count()
    }
}

fn private_to<C: Resource>(child: &C) -> Option<String> {
    let only = child.authorship().and_then(Authorship::private_to);
    only.map(str::to_owned)
}

/// Which children are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Live,
    DeletedWithParent,
}

/// What happens to children.
#[derive(Clone, Copy)]
pub(crate) enum Mark<'a> {
    Deleted {
        with: &'a Name,
    },
    /// Live again, except those with another parent that is still deleted.
    Live {
        locked: &'a Locked,
        parent: &'a Name,
    },
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
            find: find::<C>,
        }
    }
}

fn find<C: Resource>(
    of: &Children,
    scope: &TenantScope,
    parent: &Name,
    which: Which,
    now: Micros,
) -> Query<FoundChildren> {
    let is_meant = match which {
        Which::Live => Part::text("delete_time is null"),
        Which::DeletedWithParent => part!("deleted_with = :parent", parent),
    };
    let children = scoped!(
        scope,
        "select :{columns} from :{table}
         where tenant_id = :tenant and :{field} = :parent and :{is_meant}
         order by name for update",
        columns = columns::<C>(scope, &clock::date_of(now)),
        table = C::KIND.collection(),
        field = of.field,
        parent,
        is_meant,
    );
    let children = children.rows(["name"], |row, [first]| decode::<C>(row, first));
    children.map(|children| Ok(FoundChildren::of(children)))
}

/// Marks children one by one: each is a record with its own etag, change and history.
fn mark<C: Resource>(
    scope: &TenantScope,
    children: Vec<Stored<C>>,
    mark: Mark<'_>,
    now: Micros,
) -> Result<Marked, Error> {
    let mut marked = Marked::default();
    for before in children {
        let mut after = before.clone();
        let action = match mark {
            Mark::Deleted { with } => {
                *after.resource.header_mut().delete_time = Some(clock::timestamp(now));
                after.deleted_with = with.to_string();
                Some(Action::Deleted)
            }
            Mark::Live { locked, parent } => match dead_parent(&after.resource, locked, parent)? {
                Some(other) => {
                    after.deleted_with = other;
                    None
                }
                None => {
                    *after.resource.header_mut().delete_time = None;
                    after.deleted_with = String::new();
                    Some(Action::Undeleted)
                }
            },
        };
        if let Some(action) = action {
            touch(&mut after.resource, now);
            let change = Change::of(action, Some(&before.resource), &after.resource, &[]);
            marked.changes.push(change);
        }
        marked.affected.add(Affected::of(&after.resource));
        marked.statements.push(resource::update(scope, &after));
    }
    Ok(marked)
}

/// Returns another parent of a child, if one is still deleted.
///
/// A child that joined this parent after the other parents were locked cannot be judged: that is a concurrent write.
fn dead_parent<C: Resource>(
    child: &C,
    locked: &Locked,
    back: &Name,
) -> Result<Option<String>, Error> {
    let of_parents = |field: &str| C::PARENTS.iter().any(|parent| parent.field == field);
    let is_other =
        |reference: &Reference| of_parents(&reference.field) && reference.target != *back;
    for reference in child.references().into_iter().filter(is_other) {
        let name = reference.target.to_string();
        if !locked.knows(&name) {
            return Err(Error::ConcurrentWrite);
        }
        if !locked.is_live(&name) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
