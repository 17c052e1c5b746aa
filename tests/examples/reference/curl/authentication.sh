curl https://userhero.co/api/v1/feedback \
  -H "Authorization: Bearer sk_live_your_key"
