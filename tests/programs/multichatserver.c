/* TCP over IPv4: a chat room in one thread, with poll(2). */
#include "guide.h"

/* What a client has not taken yet, by its descriptor: nobody waits for it, and nothing is lost. */
struct pending {
    char *data;
    size_t size;
};

static struct pollfd *fds;
static size_t count, room;
static struct pending waiting[4096];

static void add(int fd) {
    if (count == room) {
        room = room ? 2 * room : 1;
        fds = realloc(fds, room * sizeof *fds);
        if (!fds)
            fail("realloc");
    }
    fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* As much as the connection takes now. */
static void flush(struct pollfd *to) {
    struct pending *rest = waiting + to->fd;
    ssize_t sent = send(to->fd, rest->data, rest->size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        rest->size -= (size_t)sent;
        memmove(rest->data, rest->data + sent, rest->size);
    }
    to->events = rest->size ? POLLIN | POLLOUT : POLLIN;
}

static void say(struct pollfd *to, const char *text, size_t size) {
    struct pending *rest = waiting + to->fd;
    rest->data = realloc(rest->data, rest->size + size);
    if (!rest->data)
        fail("realloc");
    memcpy(rest->data + rest->size, text, size);
    rest->size += size;
    if (!(to->events & POLLOUT)) /* else poll tells when it takes more */
        flush(to);
}

/* To everyone but the listener (the first) and `not_to`; the NUL goes over the wire too. */
static void broadcast(const char *text, int not_to) {
    printf("%s", text);
    for (size_t at = 1; at < count; at++)
        if (fds[at].fd != not_to)
            say(fds + at, text, strlen(text) + 1);
}

static void leave(size_t at, const char *format) {
    char text[64];
    int fd = fds[at].fd;
    close(fd);
    waiting[fd].size = 0;
    fds[at] = fds[--count];
    snprintf(text, sizeof text, format, fd);
    broadcast(text, -1);
}

static void join(int listener) {
    char text[64];
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
        perror("accept");
        return;
    }
    add(fd);
    snprintf(text, sizeof text, "user %d joined the chat room\n", fd);
    broadcast(text, fd);
}

static void hear(size_t at) {
    char data[257], text[300];
    ssize_t size = recv(fds[at].fd, data, sizeof data - 1, 0);
    if (size <= 0) {
        leave(at, "user %d disconnected\n");
        return;
    }
    data[size] = '\0';
    snprintf(text, sizeof text, "user %d: %s", fds[at].fd, data);
    broadcast(text, fds[at].fd);
}

int main(int argc, char **argv) {
    struct edits edits = edited(&argc, &argv, AF_INET, "");
    if (argc != 3) {
        printf("Usage: %s PORT MAX_ROOM_SIZE\n", argv[0]);
        return 1;
    }
    room = (size_t)atoi(argv[2]);
    fds = calloc(room ? room : 1, sizeof *fds);
    edits.port = argv[1];
    add(listen_ipv4(edits, 512, ""));
    printf("started the main poll loop\n");
    while (poll(fds, count, -1) >= 0 || errno == EINTR) {
        for (size_t at = count; at-- > 1;) {
            if (fds[at].revents & POLLERR)
                leave(at, "client %d disconnected due to error\n");
            else if (fds[at].revents & ~POLLOUT)
                hear(at);
            else if (fds[at].revents)
                flush(fds + at);
        }
        if (fds[0].revents)
            join(fds[0].fd);
    }
    fail("poll");
}
