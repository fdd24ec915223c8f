//! Faults on the way to the broker.

use super::{Code, Words, say};

pub(super) const TABLE: &[(Code, Words)] = &[
    (
        Code::BrokerUrl,
        say(
            "That is no broker's address",
            "Browsers speak MQTT only through a WebSocket, at an address that begins with ws:// or wss://.",
            "Ask your broker for a websockets listener. Its address often names a port and a path, such as \
             wss://broker.example:8884/mqtt.",
        ),
    ),
    (
        Code::BrokerOwnNetwork,
        say(
            "The browser may block this broker",
            "This page came over https, and ws:// is not. Chrome and Edge from version 147 ask you once for permission \
             to reach your own network; other browsers refuse.",
            "With wss://, or this page opened as http://localhost, all of them connect.",
        ),
    ),
    (
        Code::BrokerMixedContent,
        say(
            "The browser blocks this broker",
            "This page came over https, and browsers do not let such a page connect to ws:// at a name.",
            "Give the broker's address in numbers, use wss://, or open this page as http://localhost.",
        ),
    ),
    (
        Code::BrokerUnreachable,
        say(
            "The broker cannot be reached",
            "Nothing answers there as a WebSocket. Readings wait in the log.",
            "Check address and port, and that the broker listens for WebSockets. With wss:// of your own making, open \
             the address once with https:// and accept its certificate. It is tried again by itself.",
        ),
    ),
    (
        Code::BrokerNoAnswer,
        say(
            "Something listens there and says nothing",
            "The WebSocket opened, and no MQTT answer came within ten seconds. Readings wait in the log.",
            "Is this an MQTT listener? Check port and path.",
        ),
    ),
    (
        Code::BrokerDropped,
        say(
            "The broker hung up instead of answering",
            "It may not know this version of MQTT: the other one is tried next. Readings wait in the log.",
            "If it goes on, look into the broker's own log.",
        ),
    ),
    (
        Code::BrokerVersion,
        say(
            "The broker speaks another version of MQTT",
            "Neither 5 nor 3.1.1 was taken. Readings wait in the log.",
            "Check that the address is that of an MQTT broker, and update the broker.",
        ),
    ),
    (
        Code::BrokerCredentials,
        say(
            "The broker does not let you in",
            "User name or password are wrong, or this user may not connect. Readings wait in the log.",
            "Enter them again. It is tried again every half minute.",
        ),
    ),
    (
        Code::BrokerClientId,
        say(
            "The broker does not take our name",
            "Each meter connects under a name of its own, and the broker refused it or gave it to another.",
            "If a copy of this browser's profile runs elsewhere, stop forwarding in one of them.",
        ),
    ),
    (
        Code::BrokerBusy,
        say(
            "The broker takes nobody now",
            "It is starting, stopping, has too much to do, or has moved. Readings wait in the log.",
            "It is tried again by itself. If it goes on, ask for its new address.",
        ),
    ),
    (
        Code::BrokerPublish,
        say(
            "The broker does not take the readings",
            "You are connected, and may not publish there; or a reading is larger than it allows. Readings wait in the \
             log.",
            "Allow this user to write to the topics below the prefix, and keep + and # out of the prefix. It is tried again \
             by itself, ever more rarely.",
        ),
    ),
    (
        Code::BrokerQos,
        say(
            "The broker confirms no readings",
            "It takes messages without confirming them alone (QoS 0), so that nobody would know whether a reading \
             arrived. Readings wait in the log.",
            "Allow QoS 1 in the broker's settings, or use another broker.",
        ),
    ),
    (
        Code::BrokerRetain,
        say(
            "The broker keeps no messages",
            "It was asked to keep status and newest values for those who subscribe later, and does not. Readings wait in \
             the log.",
            "Nothing; it is tried again without asking for it.",
        ),
    ),
    (
        Code::BrokerUnacknowledged,
        say(
            "The broker does not confirm readings",
            "It lets you in, and has confirmed nothing for half a minute. Readings wait in the log.",
            "Look into the broker's own log. It is tried again by itself, ever more rarely.",
        ),
    ),
    (
        Code::BrokerLost,
        say(
            "The connection to the broker is gone",
            "Readings wait in the log.",
            "Nothing; it is tried again by itself.",
        ),
    ),
    (
        Code::BrokerSilent,
        say(
            "The broker has fallen silent",
            "It no longer answers, so the connection was given up. Readings wait in the log.",
            "Nothing; it is tried again by itself.",
        ),
    ),
    (
        Code::BrokerProtocol,
        say(
            "What answers there is no MQTT",
            "The WebSocket opened, and what came through it cannot be understood. Readings wait in the log.",
            "Check port and path of the address.",
        ),
    ),
];
