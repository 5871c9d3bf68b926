/* UDP over IPv6: one datagram, at most 99 bytes of it. */
#include "guide.h"

int main(int argc, char **argv) {
    struct edits edits = edited(&argc, &argv, AF_INET6, "4950");
    char data[100];
    struct sockaddr_storage peer;
    socklen_t peer_size = sizeof peer;
    struct addrinfo *chosen, *list = look_up(NULL, edits, SOCK_DGRAM);
    int fd = first_usable(list, "listener:", "bind", bind, 0, NULL, &chosen);
    freeaddrinfo(list);
    if (fd < 0)
        give_up("listener: failed to bind socket", 2);
    printf("listener: waiting to recvfrom...\n");
    ssize_t size =
        recvfrom(fd, data, sizeof data - 1, 0, (struct sockaddr *)&peer, &peer_size);
    if (size < 0)
        fail("recvfrom");
    data[size] = '\0';
    printf("listener: got packet from %s\n", show((struct sockaddr *)&peer));
    printf("listener: packet is %zd bytes long\n", size);
    printf("listener: packet contains \"%s\"\n", data);
    close(fd);
    return 0;
}
