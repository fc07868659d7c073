# Passwords and keys from user-data, once per instance-id, with cloud-init's meanings. The default user is root.
# Sourced by /etc/init.d/boot after seed.sh.

# set_hash USER HASH: replaces the second field of the user's line; '!' locks the password.
set_hash() {
  umask 077
  USER_NAME=$1 USER_HASH=$2 awk -F: -v OFS=: \
    '$1 == ENVIRON["USER_NAME"] { $2 = ENVIRON["USER_HASH"] } { print }' /etc/shadow >/etc/shadow.new &&
    mv /etc/shadow.new /etc/shadow
  umask 022
}

# set_password USER PASSWORD: a crypt(5) hash is taken as it is, anything else is a password in plain text.
set_password() {
  case $2 in
    '' | *:*'$'* ) return 1 ;;
    '$'[0-9a-z]*'$'*'$'*) case $2 in *[!A-Za-z0-9./$=,]*) return 1 ;; esac; set_hash "$1" "$2" ;;
    *) set_hash "$1" "$(printf '%s\n' "$2" | mkpasswd -m sha512 -P 0)" ;;
  esac
}

user_exists() { grep -q "^$1:" /etc/passwd; }

# A name as useradd allows it; everything that reaches a file as a name has passed here.
valid_name() {
  case $1 in '' | [!a-z_]* | *[!a-z0-9_-]*) return 1 ;; esac
  [ ${#1} -le 32 ]
}

home_of() { if [ "$1" = root ]; then echo /root; else echo "/home/$1"; fi; }

add_user() {
  valid_name "$1" || return 1
  user_exists "$1" && return 0
  id=1000
  while grep -q "^[^:]*:[^:]*:$id:" /etc/passwd; do id=$((id + 1)); done
  echo "$1:x:$id:$id:$1:/home/$1:/bin/sh" >>/etc/passwd
  echo "$1:x:$id:" >>/etc/group
  echo "$1:!:20000:0:99999:7:::" >>/etc/shadow
  mkdir -p -m 750 "/home/$1"
  chown "$id:$id" "/home/$1"
}

# set_keys USER PATH: writes the list of keys at PATH of user-data.
set_keys() {
  keys=$(children user-data "$2" | while read -r index; do
    value user-data "$2.$index" && printf '%s\n' "$REPLY"
  done)
  [ -n "$keys" ] || return 0
  home=$(home_of "$1")
  mkdir -p -m 700 "$home/.ssh"
  printf '%s\n' "$keys" >"$home/.ssh/authorized_keys"
  chmod 600 "$home/.ssh/authorized_keys"
  chown -R "$1:" "$home/.ssh"
}

# One entry of users: {name, passwd | hashed_passwd | plain_text_passwd, lock_passwd, ssh_authorized_keys}.
apply_user() {
  value user-data "users.$1.name" || return 0
  user=$REPLY
  add_user "$user" || return 0
  if value user-data "users.$1.lock_passwd" && [ "$REPLY" = false ]; then
    value user-data "users.$1.hashed_passwd" || value user-data "users.$1.passwd" ||
      value user-data "users.$1.plain_text_passwd" && set_password "$user" "$REPLY"
  fi
  set_keys "$user" "users.$1.ssh_authorized_keys"
}

# A line "name:password" of chpasswd.list, which may be one text or a list.
apply_line() {
  case $1 in
    *:*) valid_name "${1%%:*}" && user_exists "${1%%:*}" && set_password "${1%%:*}" "${1#*:}" ;;
  esac
}

apply_chpasswd() {
  for index in $(children user-data chpasswd.users); do
    value user-data "chpasswd.users.$index.name" || continue
    user=$REPLY
    valid_name "$user" && user_exists "$user" || continue
    value user-data "chpasswd.users.$index.password" && set_password "$user" "$REPLY"
  done
  if value user-data chpasswd.list; then
    printf '%s\n' "$REPLY" | while read -r line; do apply_line "$line"; done
  fi
  for index in $(children user-data chpasswd.list); do
    value user-data "chpasswd.list.$index" && apply_line "$REPLY"
  done
}

apply_accounts() {
  new_instance || return 0
  for index in $(children user-data users); do apply_user "$index"; done
  value user-data password && set_password root "$REPLY"
  apply_chpasswd
  set_keys root ssh_authorized_keys
  instance_is_done
  sync
}
