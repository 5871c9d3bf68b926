/* What the guide programs have in common: names looked up, candidates tried, addresses shown. */
#ifndef GUIDE_H
#define GUIDE_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the guides tell their readers to edit in the source, as options before the arguments. */
struct edits {
    int family;       /* --family any|ipv4|ipv6 */
    const char *port; /* --port PORT */
    int reuse;        /* --no-reuseaddr makes it 0 */
};

static inline int family_named(const char *name) {
    if (strcmp(name, "any") == 0)
        return AF_UNSPEC;
    return strcmp(name, "ipv4") == 0 ? AF_INET : AF_INET6;
}

/* Takes the options away, so that a program finds its arguments where the guide has them. */
static inline struct edits edited(int *count, char ***words, int family, const char *port) {
    struct edits edits = {family, port, 1};
    int at = 1;
    for (; at < *count; at++) {
        char *word = (*words)[at];
        if (strcmp(word, "--no-reuseaddr") == 0)
            edits.reuse = 0;
        else if (strcmp(word, "--family") == 0 && at + 1 < *count)
            edits.family = family_named((*words)[++at]);
        else if (strcmp(word, "--port") == 0 && at + 1 < *count)
            edits.port = (*words)[++at];
        else
            break;
    }
    (*words)[at - 1] = (*words)[0];
    *words += at - 1;
    *count -= at - 1;
    return edits;
}

static inline const char *show(const struct sockaddr *address) {
    static char text[INET6_ADDRSTRLEN];
    const void *part = address->sa_family == AF_INET
                           ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
                           : (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;
    return inet_ntop(address->sa_family, part, text, sizeof text);
}

static inline struct addrinfo *look_up(const char *host, struct edits edits, int type) {
    struct addrinfo hints = {.ai_family = edits.family, .ai_socktype = type}, *found;
    if (!host)
        hints.ai_flags = AI_PASSIVE;
    int why = getaddrinfo(host, edits.port, &hints, &found);
    if (why) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(why));
        exit(1);
    }
    return found;
}

/* The first candidate on which socket and `use` (bind or connect) succeed; -1 when none is left.
 * `name` is put before complaints, `attempt` printed before each candidate; `reuse` of the address
 * is for servers. */
static inline int first_usable(struct addrinfo *list, const char *name, const char *verb,
                               int (*use)(int, const struct sockaddr *, socklen_t), int reuse,
                               const char *attempt, struct addrinfo **chosen) {
    for (struct addrinfo *one = list; one; one = one->ai_next) {
        if (attempt)
            printf(attempt, show(one->ai_addr));
        int fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
        if (fd < 0) {
            fprintf(stderr, "%s socket: %s\n", name, strerror(errno));
            continue;
        }
        if (reuse)
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
        if (use(fd, one->ai_addr, one->ai_addrlen) == 0) {
            *chosen = one;
            return fd;
        }
        fprintf(stderr, "%s %s: %s\n", name, verb, strerror(errno));
        close(fd);
    }
    return -1;
}

static inline void give_up(const char *message, int status) {
    fprintf(stderr, "%s\n", message);
    exit(status);
}

static inline void fail(const char *call) {
    perror(call);
    exit(1);
}

/* An IPv4 listening socket on every address; `bound` is printed between bind and listen. */
static inline int listen_ipv4(struct edits edits, int backlog, const char *bound) {
    int port = atoi(edits.port), reuse = edits.reuse;
    if (edits.family != AF_INET)
        give_up("the guide has this program for IPv4 alone", 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        fail("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) < 0)
        fail("setsockopt");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("bind");
    printf("%s", bound);
    if (listen(fd, backlog) < 0)
        fail("listen");
    return fd;
}

static inline void send_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t count = send(fd, data, size, MSG_NOSIGNAL);
        if (count < 0)
            return;
        data += count;
        size -= (size_t)count;
    }
}

#endif
