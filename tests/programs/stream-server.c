/* TCP, one process per client, each told 13 bytes. Reaps its children in a signal handler. */
#include "guide.h"

static void reap(int number) {
    int saved = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    errno = saved;
}

static void greet(int listener, int client) {
    close(listener);
    if (send(client, "Hello, world!", 13, 0) < 0)
        perror("send");
    close(client);
    _exit(0);
}

int main(int argc, char **argv) {
    struct edits edits = edited(&argc, &argv, AF_UNSPEC, "3490");
    struct addrinfo *chosen, *list = look_up(NULL, edits, SOCK_STREAM);
    int listener = first_usable(list, "server:", "bind", bind, edits.reuse, NULL,
                                &chosen);
    freeaddrinfo(list);
    if (listener < 0)
        give_up("server: failed to bind", 1);
    if (listen(listener, 10) < 0)
        fail("listen");
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGCHLD, &action, NULL);
    printf("server: waiting for connections...\n");
    for (;;) {
        struct sockaddr_storage peer;
        socklen_t size = sizeof peer;
        int client = accept(listener, (struct sockaddr *)&peer, &size);
        if (client < 0) {
            perror("accept");
            continue;
        }
        printf("server: got connection from %s\n", show((struct sockaddr *)&peer));
        fflush(NULL); /* else a child would write a copy of what is still buffered */
        if (fork() == 0)
            greet(listener, client);
        close(client);
    }
}
