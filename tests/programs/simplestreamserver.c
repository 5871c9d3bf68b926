/* TCP over IPv4: echoes one client's messages until it hangs up. */
#include "guide.h"

int main(int argc, char **argv) {
    struct edits edits = edited(&argc, &argv, AF_INET, "3490");
    struct sockaddr_in peer;
    socklen_t peer_size = sizeof peer;
    char data[4096];
    ssize_t size;
    printf("[server] trying to open a listening socket to 0.0.0.0:3490 ...\n");
    int listener = listen_ipv4(
        edits, 10, "[server] successfully opened a listening socket to 0.0.0.0:3490\n");
    int client = accept(listener, (struct sockaddr *)&peer, &peer_size);
    if (client < 0)
        fail("accept");
    close(listener);
    const char *name = show((struct sockaddr *)&peer);
    printf("[server] got conncetion from %s\n", name);
    for (;;) {
        printf("[server] waiting for message from client %s\n", name);
        size = recv(client, data, sizeof data, 0);
        if (size < 0)
            fail("recv");
        if (size == 0)
            break;
        printf("[server] received message from client %s: ", name);
        fwrite(data, 1, (size_t)size, stdout);
        putchar('\n');
        send_all(client, data, (size_t)size);
    }
    printf("[server] client %s hung up\n", name);
    close(client);
    return 0;
}
