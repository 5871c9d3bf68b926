/* UDP over IPv6: sends one datagram and does not care who hears it. */
#include "guide.h"

/* Nothing to do with the address: a socket for its family is all that is needed. */
static int any(int fd, const struct sockaddr *address, socklen_t size) {
    (void)fd, (void)address, (void)size;
    return 0;
}

int main(int argc, char **argv) {
    struct edits edits = edited(&argc, &argv, AF_INET6, "4950");
    if (argc != 3)
        give_up("usage: talker hostname message", 1);
    struct addrinfo *chosen, *list = look_up(argv[1], edits, SOCK_DGRAM);
    int fd = first_usable(list, "talker:", "socket", any, 0, NULL, &chosen);
    if (fd < 0)
        give_up("talker: failed to create socket", 2);
    ssize_t size = sendto(fd, argv[2], strlen(argv[2]), 0, chosen->ai_addr, chosen->ai_addrlen);
    if (size < 0)
        fail("talker: sendto");
    freeaddrinfo(list);
    printf("talker: sent %zd bytes to %s\n", size, argv[1]);
    close(fd);
    return 0;
}
