//! A statement together with how its rows are read, and several of these run at once.

use crate::error::Error;
use crate::store::sql::row::Row;
use crate::store::sql::statement::Sql;

/// Reads the rows of a statement.
type Read<T> = Box<dyn FnOnce(Vec<Row>) -> Result<T, Error> + Send>;

/// A statement and its reader: running it gives a `T`.
#[must_use = "a query does nothing until it is run"]
pub struct Query<T> {
    sql: Sql,
    read: Read<T>,
}

impl<T> Query<T> {
    /// Returns the same query with its answer converted.
    pub fn map<U>(self, turn: impl FnOnce(T) -> Result<U, Error> + Send + 'static) -> Query<U>
    where
        T: 'static,
    {
        let read = self.read;
        self.sql.read(move |rows| turn(read(rows)?))
    }
}

/// The statement alone, for callers that examine how an engine runs it.
impl<T> From<Query<T>> for Sql {
    fn from(query: Query<T>) -> Sql {
        query.sql
    }
}

impl Sql {
    /// Combines the statement with a reader of all its rows.
    pub fn read<T>(
        self,
        read: impl FnOnce(Vec<Row>) -> Result<T, Error> + Send + 'static,
    ) -> Query<T> {
        Query {
            sql: self,
            read: Box::new(read),
        }
    }

    /// Reads every row by the positions of the named columns, which are looked up once.
    pub fn rows<T: 'static, const N: usize>(
        self,
        columns: [&'static str; N],
        mut read: impl FnMut(&Row, [usize; N]) -> Result<T, Error> + Send + 'static,
    ) -> Query<Vec<T>> {
        self.read(move |rows| {
            let Some(first) = rows.first() else {
                return Ok(Vec::new());
            };
            let at = first.columns(columns)?;
            rows.iter().map(|row| read(row, at)).collect()
        })
    }

    /// Reads the first row, if any.
    pub fn maybe<T: 'static, const N: usize>(
        self,
        columns: [&'static str; N],
        read: impl FnOnce(&Row, [usize; N]) -> Result<T, Error> + Send + 'static,
    ) -> Query<Option<T>> {
        self.read(move |rows| match rows.first() {
            Some(row) => read(row, row.columns(columns)?).map(Some),
            None => Ok(None),
        })
    }

    /// Reads the only row of a statement that always has one.
    pub fn one<T: 'static, const N: usize>(
        self,
        columns: [&'static str; N],
        read: impl FnOnce(&Row, [usize; N]) -> Result<T, Error> + Send + 'static,
    ) -> Query<T> {
        let missing = || Error::internal("a statement that always has a row had none");
        self.maybe(columns, read)
            .map(move |found| found.ok_or_else(missing))
    }

    /// Reads one column of texts.
    pub fn texts(self, column: &'static str) -> Query<Vec<String>> {
        self.rows([column], |row, [at]| row.text(at))
    }

    /// Ignores the rows: for a statement that writes or locks.
    pub fn done(self) -> Query<()> {
        self.read(|_| Ok(()))
    }
}

/// The results of statements that ran together, in their order.
pub struct Results(std::vec::IntoIter<Vec<Row>>);

impl Results {
    pub(crate) fn new(results: Vec<Vec<Row>>) -> Results {
        Results(results.into_iter())
    }

    fn next(&mut self) -> Result<Vec<Row>, Error> {
        let missing = || Error::internal("a statement has no result");
        self.0.next().ok_or_else(missing)
    }
}

/// Queries that run together: one, a tuple, a list, or an optional one.
pub trait Queries: Send {
    /// What they answer.
    type Answers: Send;
    /// What reads their results.
    type Readers: Send;

    /// Appends the statements, and returns what reads their results.
    fn split(self, statements: &mut Vec<Sql>) -> Self::Readers;

    /// Reads as many results as [`Queries::split`] appended statements.
    fn read(readers: Self::Readers, results: &mut Results) -> Result<Self::Answers, Error>;
}

impl<T: Send + 'static> Queries for Query<T> {
    type Answers = T;
    type Readers = Read<T>;

    fn split(self, statements: &mut Vec<Sql>) -> Read<T> {
        statements.push(self.sql);
        self.read
    }

    fn read(reader: Read<T>, results: &mut Results) -> Result<T, Error> {
        reader(results.next()?)
    }
}

impl<Q: Queries> Queries for Option<Q> {
    type Answers = Option<Q::Answers>;
    type Readers = Option<Q::Readers>;

    fn split(self, statements: &mut Vec<Sql>) -> Self::Readers {
        self.map(|query| query.split(statements))
    }

    fn read(readers: Self::Readers, results: &mut Results) -> Result<Self::Answers, Error> {
        readers.map(|reader| Q::read(reader, results)).transpose()
    }
}

impl<Q: Queries> Queries for Vec<Q> {
    type Answers = Vec<Q::Answers>;
    type Readers = Vec<Q::Readers>;

    fn split(self, statements: &mut Vec<Sql>) -> Self::Readers {
        self.into_iter()
            .map(|query| query.split(statements))
            .collect()
    }

    fn read(readers: Self::Readers, results: &mut Results) -> Result<Self::Answers, Error> {
        readers
            .into_iter()
            .map(|reader| Q::read(reader, results))
            .collect()
    }
}

macro_rules! tuple {
    ($($query:ident),*) => {
        impl<$($query: Queries),*> Queries for ($($query,)*) {
            type Answers = ($($query::Answers,)*);
            type Readers = ($($query::Readers,)*);

            #[expect(non_snake_case, reason = "the names of the types name their values")]
            fn split(self, statements: &mut Vec<Sql>) -> Self::Readers {
                let ($($query,)*) = self;
                ($($query.split(statements),)*)
            }

            #[expect(non_snake_case, reason = "the names of the types name their values")]
            fn read(readers: Self::Readers, results: &mut Results) -> Result<Self::Answers, Error> {
                let ($($query,)*) = readers;
                Ok(($($query::read($query, results)?,)*))
            }
        }
    };
}

tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
tuple!(A, B, C, D, E);
tuple!(A, B, C, D, E, F);
tuple!(A, B, C, D, E, F, G);
