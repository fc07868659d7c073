/* The access log is written by firmware/http, which knows what must not appear in it. */
static void
log_access(const struct mg_connection *conn)
{
	(void)conn;
}
