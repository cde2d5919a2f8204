//! Customers and their orders, in SQL.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use crate::request::Mention;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) plan: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Order {
    pub(crate) number: String,
    pub(crate) item: String,
    pub(crate) cents: u32,
    pub(crate) status: String,
    pub(crate) ordered_on: String,
    pub(crate) due_on: Option<String>,
}

/// Why a lookup found nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    #[error("no customer has the address {0}")]
    NoCustomer(String),
    #[error("customer {customer} has no order {number}")]
    NoOrder { customer: String, number: String },
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
    #[error("the lookup was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// What the lookups found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Facts {
    /// An order's number alone proves nothing.
    AddressNeeded,
    UnknownAddress(String),
    Order {
        customer: Customer,
        order: Order,
    },
    NoSuchOrder {
        customer: Customer,
        asked: String,
        meant: Option<Order>,
    },
    Orders {
        customer: Customer,
        orders: Vec<Order>,
    },
}

/// The database. Clones share it.
#[derive(Clone)]
pub(crate) struct Accounts {
    database: Arc<Mutex<Connection>>,
}

impl Accounts {
    pub(crate) fn open() -> Result<Self, LookupError> {
        let database = Connection::open_in_memory()?;
        database.execute_batch(include_str!("../data/accounts.sql"))?;
        Ok(Self { database: Arc::new(Mutex::new(database)) })
    }

    /// Finds the customer, then the order. A number that the customer does not have is taken for a slip of the hand: the
    /// customer's other orders tell which one may be meant.
    #[galtea::trace(type = "CHAIN", docs)]
    pub(crate) async fn look_up(&self, mention: Mention) -> Result<Facts, LookupError> {
        let Some(email) = mention.email else { return Ok(Facts::AddressNeeded) };
        let customer = match self.run(move |database| find_customer(database, &email)).await {
            Err(LookupError::NoCustomer(email)) => return Ok(Facts::UnknownAddress(email)),
            found => found?,
        };
        let id = customer.id.clone();
        let Some(number) = mention.order else {
            let orders = self.run(move |database| list_orders(database, &id)).await?;
            return Ok(Facts::Orders { customer, orders });
        };
        match self.run(move |database| find_order(database, &id, &number)).await {
            Ok(order) => Ok(Facts::Order { customer, order }),
            Err(LookupError::NoOrder { customer: id, number }) => {
                let orders = self.run(move |database| list_orders(database, &id)).await?;
                let meant = orders.into_iter().find(|order| is_slip(&order.number, &number));
                Ok(Facts::NoSuchOrder { customer, asked: number, meant })
            }
            Err(error) => Err(error),
        }
    }

    /// SQLite blocks, so it runs on a thread for that; `galtea::spawn_blocking` keeps the lookups in this trace.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LookupError> + Send + 'static,
    ) -> Result<T, LookupError> {
        let database = Arc::clone(&self.database);
        galtea::spawn_blocking(move || work(&database.lock().unwrap_or_else(PoisonError::into_inner))).await?
    }
}

/// Finds a customer by e-mail address.
#[galtea::trace(type = "TOOL", docs, skip(database))]
fn find_customer(database: &Connection, email: &str) -> Result<Customer, LookupError> {
    let sql = "SELECT id, name, plan FROM customers WHERE email = ?1";
    let found = database
        .prepare_cached(sql)?
        .query_row([email], |row| Ok(Customer { id: row.get(0)?, name: row.get(1)?, plan: row.get(2)? }))
        .optional()?;
    found.ok_or_else(|| LookupError::NoCustomer(email.to_owned()))
}

/// Finds an order of a customer by its number.
#[galtea::trace(type = "TOOL", docs, skip(database))]
fn find_order(database: &Connection, customer: &str, number: &str) -> Result<Order, LookupError> {
    let sql = "SELECT number, item, cents, status, ordered_on, due_on FROM orders
               WHERE customer_id = ?1 AND number = ?2";
    let found =
        database.prepare_cached(sql)?.query_row(params![customer, number], Order::from_row).optional()?;
    found.ok_or_else(|| LookupError::NoOrder { customer: customer.to_owned(), number: number.to_owned() })
}

/// Lists the orders of a customer, newest first.
#[galtea::trace(type = "TOOL", docs, skip(database))]
fn list_orders(database: &Connection, customer: &str) -> Result<Vec<Order>, LookupError> {
    let sql = "SELECT number, item, cents, status, ordered_on, due_on FROM orders
               WHERE customer_id = ?1 ORDER BY ordered_on DESC";
    let mut list = database.prepare_cached(sql)?;
    let orders = list.query_map([customer], Order::from_row)?;
    Ok(orders.collect::<Result<_, _>>()?)
}

/// Whether two numbers differ in one character, or in two neighbours that changed places.
fn is_slip(a: &str, b: &str) -> bool {
    let differing: Vec<_> = a.bytes().zip(b.bytes()).filter(|(a, b)| a != b).collect();
    a.len() == b.len()
        && match differing[..] {
            [_] => true,
            [(a1, b1), (a2, b2)] => a1 == b2 && a2 == b1,
            _ => false,
        }
}

impl Order {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            item: row.get(1)?,
            cents: row.get(2)?,
            status: row.get(3)?,
            ordered_on: row.get(4)?,
            due_on: row.get(5)?,
        })
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, “{}”, ordered on {}, is {}", self.number, self.item, self.ordered_on, self.status)?;
        self.due_on.as_ref().map_or(Ok(()), |due_on| write!(f, " and due on {due_on}"))
    }
}

impl fmt::Display for Facts {
    /// As one would tell the customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddressNeeded => {
                f.write_str("To look that up I need the e-mail address of the account as well.")
            }
            Self::UnknownAddress(email) => write!(f, "There is no account for {email}."),
            Self::Order { customer, order } => write!(f, "Hello {}. Your order {order}.", customer.name),
            Self::NoSuchOrder { customer, asked, meant } => {
                write!(f, "Hello {}. There is no order {asked} in your account.", customer.name)?;
                meant
                    .as_ref()
                    .map_or(Ok(()), |order| write!(f, " Did you mean another one? Your order {order}."))
            }
            Self::Orders { customer, orders } if orders.is_empty() => {
                write!(f, "Hello {}. You have no orders.", customer.name)
            }
            Self::Orders { customer, orders } => {
                write!(f, "Hello {}. These are your orders:", customer.name)?;
                orders.iter().try_for_each(|order| write!(f, "\n* {order}"))
            }
        }
    }
}
