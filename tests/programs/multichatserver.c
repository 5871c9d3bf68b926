/* TCP over IPv4: a chat room in one thread, with poll(2). */
#include "guide.h"

static struct pollfd *fds;
static size_t count, room;

static void add(int fd) {
    if (count == room) {
        room = room ? 2 * room : 1;
        fds = realloc(fds, room * sizeof *fds);
        if (!fds)
            fail("realloc");
    }
    fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* To everyone but the listener (the first) and `not_to`; the NUL goes over the wire too. */
static void broadcast(const char *text, int not_to) {
    printf("%s", text);
    for (size_t at = 1; at < count; at++)
        if (fds[at].fd != not_to)
            send(fds[at].fd, text, strlen(text) + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void leave(size_t at, const char *format) {
    char text[64];
    int fd = fds[at].fd;
    close(fd);
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
            else if (fds[at].revents)
                hear(at);
        }
        if (fds[0].revents)
            join(fds[0].fd);
    }
    fail("poll");
}
