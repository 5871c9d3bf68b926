/* TCP: connects, prints what it is told. */
#include "guide.h"

int main(int argc, char **argv) {
    char data[100];
    struct edits edits = edited(&argc, &argv, AF_UNSPEC, "3490");
    if (argc != 2)
        give_up("usage: client hostname", 1);
    struct addrinfo *chosen, *list = look_up(argv[1], edits, SOCK_STREAM);
    int fd = first_usable(list, "client:", "connect", connect, 0, NULL, &chosen);
    if (fd < 0)
        give_up("client: failed to connect", 2);
    printf("client: connecting to %s\n", show(chosen->ai_addr));
    freeaddrinfo(list);
    ssize_t size = recv(fd, data, sizeof data - 1, 0);
    if (size < 0)
        fail("recv");
    printf("client: received '%.*s'\n", (int)size, data);
    close(fd);
    return 0;
}
