//! The children of a resource: those that go and come back with it.

use crate::clock::{self, Micros};
use crate::error::Error;
use crate::name::{Kind, Name};
use crate::store::engine::tx::Tx;
use crate::store::record::change::{Action, Change};
use crate::store::record::last_conversation::Affected;
use crate::store::record::lock::Locked;
use crate::store::record::resource::{
    self, Parent, Reference, Resource, Stored, decode, select, touch,
};
use crate::store::scope::TenantScope;
use crate::store::sql::statement::{Row, Sql};

/// The children of a resource that are of one kind.
pub struct Children {
    /// Their kind.
    pub kind: Kind,
    /// Their field that names the parent.
    pub field: &'static str,
    /// Their fields that name parents, this one included.
    pub(crate) parents: &'static [Parent],
    /// Reads them, locked, in the order of their names: the live ones, or those deleted with the parent.
    pub(crate) select: fn(&Children, &TenantScope, &Name, Which, Micros) -> Sql,
    /// Counts those of the rows that an actor may see; nobody learns of PRIVATE ones, not by a count.
    pub(crate) visible: fn(&[Row], &Tx) -> Result<usize, Error>,
    /// Marks those of the rows as deleted with the parent, or alive again.
    pub(crate) mark: fn(&TenantScope, &[Row], Mark<'_>, Micros) -> Result<Marked, Error>,
}

/// Which children are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Live,
    DeletedWithParent,
}

/// What becomes of children.
#[derive(Clone, Copy)]
pub(crate) enum Mark<'a> {
    Deleted {
        with: &'a Name,
    },
    /// Alive again, but for those that have another parent which is still deleted.
    Live {
        locked: &'a Locked,
        parent: &'a Name,
    },
}

/// The statements and changes that mark children.
#[derive(Default)]
pub(crate) struct Marked {
    pub statements: Vec<Sql>,
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
            select: select_children::<C>,
            mark: mark::<C>,
            visible: visible_children::<C>,
        }
    }
}

fn select_children<C: Resource>(
    of: &Children,
    scope: &TenantScope,
    parent: &Name,
    which: Which,
    now: Micros,
) -> Sql {
    let sql = select::<C>(scope, &clock::date_of(now))
        .push("\nwhere tenant_id = ")
        .bind(scope.tenant());
    let sql = match which {
        Which::Live => sql
            .push(" and ")
            .push(of.field)
            .push(" = ")
            .bind(parent.to_string())
            .push(" and delete_time is null"),
        Which::DeletedWithParent => {
            let sql = sql
                .push(" and ")
                .push(of.field)
                .push(" = ")
                .bind(parent.to_string());
            sql.push(" and deleted_with = ").bind(parent.to_string())
        }
    };
    sql.push("\norder by name").for_update()
}

fn visible_children<C: Resource>(rows: &[Row], tx: &Tx) -> Result<usize, Error> {
    let mut count = 0;
    for row in rows {
        let child: Stored<C> = decode(row, 0)?;
        count += usize::from(
            child
                .resource
                .private_to()
                .is_none_or(|only| tx.is_own(only)),
        );
    }
    Ok(count)
}

/// Marks children one by one: each is a record with an etag, a change and a history of its own.
fn mark<C: Resource>(
    scope: &TenantScope,
    rows: &[Row],
    mark: Mark<'_>,
    now: Micros,
) -> Result<Marked, Error> {
    let mut marked = Marked::default();
    for row in rows {
        let before: Stored<C> = decode(row, 0)?;
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
            marked.changes.push(Change::of(
                action,
                Some(&before.resource),
                &after.resource,
                &[],
            ));
        }
        marked.affected.add(after.resource.last_talk_inputs());
        marked.statements.push(resource::update(scope, &after));
    }
    Ok(marked)
}

/// Returns another parent of a child that is deleted still.
///
/// A child that came to this parent after the other parents were locked cannot be judged: another write got in the way.
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
