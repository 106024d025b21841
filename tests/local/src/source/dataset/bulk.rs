//! Ordinary keys in numbers, as a shop has them. The nth key is always the same.

use super::{Item, expire, on};
use redis::Cmd;

/// Orders, customers, carts: the data of a shop.
pub fn orders(number: u32) -> Item {
    match number % 10 {
        0..=5 => item(format!("order:{number}"), |key| vec![order(key, number)]),
        6 | 7 => item(format!("customer:{number}"), |key| {
            let json = format!(
                r#"{{"id":{number},"name":"customer {number}","city":"city {}"}}"#,
                number % 97
            );
            vec![on("SET", key).arg(json).take()]
        }),
        8 => item(format!("cart:{number}"), |key| {
            let articles: Vec<String> = (0..=number % 9)
                .map(|n| format!("article-{}", n * 31 % 500))
                .collect();
            vec![
                on("RPUSH", key).arg(&articles).take(),
                expire(key, u64::from(number)),
            ]
        }),
        _ => item(format!("sold:{number}"), |key| {
            let mut command = on("ZADD", key);
            for article in 0..=number % 20 {
                command
                    .arg(number * article % 1000)
                    .arg(format!("article-{article}"));
            }
            vec![command]
        }),
    }
}

/// Sessions: small, and every one of them expires.
pub fn sessions(number: u32) -> Item {
    item(format!("session:{{{}}}:{number}", number % 4000), |key| {
        let set = match number % 3 {
            0 => on("SET", key).arg(format!("user={number};theme=dark")).take(),
            1 => on("HSET", key)
                .arg(&["user", &number.to_string(), "csrf", "0d9f"])
                .take(),
            _ => on("SADD", key)
                .arg(&["reader", "writer", &format!("tenant-{}", number % 50)])
                .take(),
        };
        vec![set, expire(key, u64::from(number % 86_400))]
    })
}

/// A catalogue: texts and prices that never expire.
pub fn products(number: u32) -> Item {
    item(format!("product:{number}"), |key| {
        let text =
            format!("Article {number}. ") + &"Sturdy, washable, made to last. ".repeat(number as usize % 7);
        let price = format!("{}.{:02}", number % 900, number % 100);
        vec![
            on("HSET", key)
                .arg(&[
                    "title",
                    &text,
                    "price",
                    &price,
                    "stock",
                    &(number % 40).to_string(),
                ])
                .take(),
        ]
    })
}

fn order(key: &[u8], number: u32) -> Cmd {
    let customer = format!("customer:{}", number % 700);
    let total = format!("{}.{:02}", number % 1000, number % 100);
    on("HSET", key)
        .arg(&[
            "customer", &customer, "total", &total, "currency", "EUR", "state", "paid",
        ])
        .arg(&["items", &(number % 12).to_string()])
        .take()
}

fn item(key: String, make: impl Fn(&[u8]) -> Vec<Cmd>) -> Item {
    let key = key.into_bytes();
    Item {
        database: 0,
        commands: make(&key),
        key,
    }
}
